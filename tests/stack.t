#!/bin/sh
# What the stack finds of frames that are passed, and what the run finds of frames that the stack has had.
exec stack
