#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What the stack sees of passed frames, and what the run sees of frames that the stack has had.
exec stack
