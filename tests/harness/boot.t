#!/bin/bash -p
# SPDX-License-Identifier: GPL-2.0-only
# On the host: which accelerator a guest gets, what is said if QEMU cannot start it, and what Ctrl-C leaves. A clone without a kernel
# stands in, and for QEMU a script, which runs the guest's command here, and does what the file mode says.
[ -n "${XDP_LIVE:-}" ] && exec env -u XDP_LIVE "$0" "$@"
. "$(dirname "$0")/../lib/harness"
. tests/lib/clone
results=$clone/build/5.99/results kvm=$dir/kvm
cat > "$dir/qemu" <<'QEMU'
#!/bin/bash
dir=${0%/*} mode=$(cat "${0%/*}/mode") args=$*
echo "$args" >> "$dir/started"
if [ "$args" = "-cpu max -machine pc -device help" ]; then
	[ "$mode" = "no 9p" ] || echo 'name "virtio-9p-pci", bus virtio-bus, alias "virtio-9p"'
	exit
fi
of() { sed -n "s/.*$1\([^ ,]*\).*/\1/p" <<< "$args"; }
serial=$(of '-serial file:') result=$(of 'id=result,path=')
case "$mode, $args" in
"no 9p, "*) echo "qemu: -fsdev: There is no option group 'fsdev'" >&2; exit 1 ;;
"kvm hangs, "*"-accel kvm"*) exec sleep 60 ;;
"kvm dies, "*"-bios "*) exit 134 ;;
*"-accel kvm"*"-bios "*) [ -e "$dir/kvm" ] && exit 33; exit 1 ;;
"kvm runs no kernel, "*"-accel kvm"*) exec sleep 60 ;;
"kvm dies, "*"-accel kvm"*) echo "qemu: failed to initialize kvm" >&2; exit 1 ;;
*xdp.run=trial*) echo 'xdp-live: trial boot done' > "$serial"; exit ;;
"says nothing, "*) exit ;;
"hangs, "*) echo booting > "$serial"; exec sleep 60 ;;
esac
[[ "$args " != *"-accel kvm"* ]] || [ -e "$dir/kvm" ] || { echo "qemu: Could not access KVM kernel module" >&2; exit 1; }
echo "Linux version 5.99" > "$serial"
[ ! -e "${result%/*}/interactive" ] || { echo "exit 0" > "$result"; exit; }
bash "${result%/*}/command" >&3
echo "exit $?" > "$result"
QEMU
chmod +x "$dir/qemu"
mode() { echo "$1" > "$dir/mode"; }
mode works
sed -i "s|(qemu-system-x86_64|($dir/qemu|" scripts/lib/machine
sed -i "s|/dev/kvm|$kvm|g; s|kvm 20 |kvm 2 |; s|-k 1 5 |-k 1 1 |" scripts/guest scripts/lib/machine
sed -i 's|/dev/kmsg|/dev/null|' guest/tests
printf '#!/bin/sh\nexit\n' | tee scripts/kernel scripts/programs > /dev/null
printf 'echo 1..1; echo ok 1\n' > tests/good.t
cp "$OLDPWD/tests/splats.tsv" tests
mkdir -p build/5.99/tests build/5.99/default/arch/x86/boot && : > build/5.99/default/arch/x86/boot/bzImage && : > build/5.99/.lock
# boot COMMAND...: leaves rc
boot() { : > "$dir/started"; rc=0; scripts/guest "$@" > "$dir/out" 2>&1 < /dev/null || rc=$?; }
with() { [ $rc = 0 ] && [ "$(cat "$results/run/accel")" = "$1" ]; }
trials() { [ "$(grep -c xdp.run=trial "$dir/started")" = "$1" ]; }

# --- The accelerator
boot echo hello
ok "no KVM: emulation" with tcg
ok "the guest's output" shows '^hello$'
: > "$kvm"; boot true
ok "KVM that works" with kvm
ok "after a trial" trials 1
boot true
ok "is remembered" eval "with kvm && trials 0"
rm "$kvm"; boot true
ok "KVM that is gone: emulation" with tcg
: > "$kvm"; boot true
ok "a device that came back is tried again" eval "with kvm && trials 1"
mode "kvm dies"; boot true
ok "KVM that does not work any more: the guest fails" eval "[ $rc = 125 ] && shows 'failed to initialize kvm' 'QEMU could not start it'"
boot true
ok "and is tried again by the next: emulation" eval "with tcg && trials 1"
ok "which says so" shows "does not work here, .*accel.log"
boot true
ok "once" eval "with tcg && trials 0"
mode works; sleep 0.1; chmod 600 "$kvm"; boot true
ok "another access to the device: it is tried again" eval "with kvm && trials 1"
rm build/5.99/accel; mode "kvm hangs"; boot true
ok "KVM that hangs" eval "with tcg && trials 1"
chmod 000 "$kvm"
as=(); [ "$(id -u)" != 0 ] || { as=(setpriv --reuid=65534 --regid=65534 --clear-groups); chown -R 65534 "$dir"; chown 0 "$kvm"; }
mode works; "${as[@]}" scripts/guest true > "$dir/out" 2>&1; rc=$?
ok "KVM that the user may not use: emulation" with tcg
ok "which says so" shows 'you may not use it'
[ "$(id -u)" != 0 ] || chown -R 0 "$dir"
rm "$kvm"; ACCEL=kvm boot true
ok "ACCEL=kvm without KVM is no guest" eval "[ $rc = 125 ] && shows 'Could not access KVM' 'QEMU could not start it'"

# --- User-mode Linux
ACCEL=uml boot true
ok "ACCEL=uml is for verbs that can" eval "[ $rc = 1 ] && shows 'ACCEL=uml is for make demo and make fuzz'"
uml=build/5.99/um-default/linux; mkdir -p ${uml%/*}
cat > $uml <<'UML'
#!/bin/bash
run=$(sed 's/.*xdp.run=\([^ ]*\).*/\1/' <<< "$*")
echo "Linux version 5.99" >&2
bash "$run/command"
echo "exit $?" > "$run/result"
UML
chmod +x $uml
cat > guest/demo <<'DEMO'
#!/bin/bash
setup() { :; }
setup
DEMO
demo() { : > "$dir/started"; rc=0; scripts/demo > "$dir/out" 2>&1 < /dev/null || rc=$?; }
by() { [ $rc = 0 ] && [ "$(cat "$results/demo/accel")" = "$1" ]; }
demo
ok "no KVM: a demo runs on User-mode Linux" by uml
ok "without QEMU" test ! -s "$dir/started"
ACCEL=tcg demo
ok "ACCEL=tcg: on QEMU" by tcg
: > "$kvm"; demo
ok "KVM that works comes first" by kvm
mode "kvm dies"; demo
ok "KVM that dies at once: User-mode Linux" by uml
mode "kvm runs no kernel"; rm -f build/5.99/accel; demo
ok "KVM that runs a few bytes, but no kernel: User-mode Linux" by uml
demo
ok "is remembered" eval "by uml && [ ! -s '$dir/started' ]"
mode works; rm "$kvm"
sed -i 's/^bash/exit 1; bash/' $uml; demo
ok "User-mode Linux that does not boot: emulation" by tcg
ok "which says so" shows 'User-mode Linux does not work here, .*trial.log: emulating'
ACCEL=uml demo
ok "but not if it is asked for" test $rc = 125

# --- No guest
mode "no 9p"; boot true
ok "QEMU without 9p is told" eval "[ $rc = 125 ] && shows 'no virtio-9p' 'next: another'"
mode "says nothing"; boot true
ok "a guest that says nothing" eval "[ $rc = 125 ] && shows 'did not say a word'"
mode works
IMAGE=$dir/none/x boot true
ok "no kernel" eval "[ $rc = 1 ] && shows 'no file with a kernel'"

# --- Ctrl-C, and again
# stop VERB...: Ctrl-C when the guest boots; leaves rc
stop() {
	local pid i
	mode hangs; rm -f "$results"/*/dmesg.txt; rc=0
	set -m; env --default-signal=INT "$@" > "$dir/out" 2>&1 < /dev/null & pid=$!; set +m
	for ((i = 0; i < 600; i++)); do ! grep -qs . "$results"/*/dmesg.txt || break; sleep 0.1; done
	kill -INT -$pid; wait $pid || rc=$?
	mode works
}
stop scripts/guest true
ok "Ctrl-C ends a guest" test $rc = 130
boot echo again
ok "the next one boots" eval "[ $rc = 0 ] && shows '^again$'"
stop scripts/test
ok "Ctrl-C ends a test" test $rc = 130
runs "the next one passes" scripts/test
stop make test
ok "Ctrl-C ends make" test $rc != 0
runs "the next one passes" make test
stop scripts/demo
ok "Ctrl-C ends a demo" test $rc = 130
sed -i 's|^setup$|exit 0|' guest/demo
runs "the next one boots" scripts/demo

# --- The terminal
runs "a shell on a terminal of 40 columns" script -qec "stty cols 40 rows 20; scripts/shell" /dev/null
runs "is one of 40 columns in the guest" grep -x 'rows 20 cols 40' "$results/shell/interactive"
plan
