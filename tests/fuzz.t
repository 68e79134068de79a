#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# 200,000 random calls of BPF_PROG_RUN, each of which ends as the oracle of tests/fuzz.c predicts (make fuzz: a million).
# RULES: those of another implementation of live frames
exec fuzz ${RULES:+-r "$RULES"} -s "${SEED:-1}" -n "${CALLS:-200000}"
