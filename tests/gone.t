#!/bin/sh
# Frames on their way when their device goes, by each redirect map, beside busy receivers (tests/gone.c).
exec gone
