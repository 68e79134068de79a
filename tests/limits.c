// SPDX-License-Identifier: GPL-2.0-only
/* limits: the largest packet of a live run, for the tests in shell; by RULES, that of another implementation than ours */
#include "live.h"

int main(void)
{
	return printf("%u\n", live_max() - (getenv("RULES") ? XDP_PAGE_HEAD : 0)) < 0;
}
