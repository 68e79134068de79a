#!/bin/sh
# Every allocation of a live run fails once (tests/faults.c). Needs a kernel that can inject faults: CONFIG=debug.
exec faults
