#!/bin/sh
# 200,000 random calls of BPF_PROG_RUN, each of which ends as the oracle of tests/fuzz.c predicts (make fuzz: a million).
exec fuzz -s "${SEED:-1}" -n "${CALLS:-200000}"
