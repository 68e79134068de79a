#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Frames in flight when their device is removed, by each redirect map, with busy receivers (tests/gone.c).
exec gone
