#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Live runs against changes of everything they use (tests/races.c); RACE_MS=n ms a race.
exec races
