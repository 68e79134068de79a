#!/bin/bash -p
# SPDX-License-Identifier: GPL-2.0-only
# compiles for other machines
. "$(dirname "$0")/../../lib/base"
. "$LIB/check"
. "$TOP/tests/lib/tap"
not_if_quick

arches=(i386 arm64); [ -z "${CROSS:-}" ] || arches+=(arm powerpc riscv s390)
mapfile -t objects < <(present)
show() { head -n 60 "$log.new"; }
for arch in "${arches[@]}"; do
	cross_for "$arch"
	fragment=$run/$arch.config log=$run/$subject.$arch
	portable > "$fragment"
	[ "$arch" != powerpc ] || printf 'CONFIG_PPC64=y\nCONFIG_CPU_LITTLE_ENDIAN=y\n' >> "$fragment"
	configure "$BUILD/check/$arch" "${cross[@]}" -- "$fragment"
	: > "$log"
	[ ${#objects[@]} = 0 ] || make_log "$log" O="$BUILD/check/$arch" "${cross[@]}" "${objects[@]}"
	complaints "$log" > "$log.new"
	ok "compiles for $arch: ${#objects[@]} objects" test ! -s "$log.new"
done
plan
