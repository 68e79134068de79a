#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Lessons that the kernel's selftest does not cover, by their numbers, and the accounting of all verdicts.
exec lessons
