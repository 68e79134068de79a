#!/bin/bash -p
# SPDX-License-Identifier: GPL-2.0-only
# what whoever submits will run, as a dry run
. "$(dirname "$0")/../../lib/base"
exec "$TOP/scripts/send"
