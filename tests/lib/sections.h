/* SPDX-License-Identifier: GPL-2.0-only */
/* The older libbpf wants a section for each program, and its bpftool names pins after them; the newer takes only these sections,
 * and names pins after functions.
 */
#ifndef SECTIONS_H
#define SECTIONS_H

#ifdef LIBBPF_1
#define XDP(name) SEC("xdp")
#define XDP_CPUMAP(name) SEC("xdp/cpumap")
#define TC(name) SEC("tc")
#else
#define XDP(name) SEC("xdp/" #name)
#define XDP_CPUMAP(name) SEC("xdp_cpumap/" #name)
#define TC(name) SEC("classifier/" #name)
#endif

#endif
