#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# bpftool prog run PROG live: what it prints, how it ends, and what it says when it cannot run.
#
#   lo, veth0 --------------------- veth1 in the network namespace far
#                                   XDP: count_drop
#       veth2 --------------------- veth3, without a program
. "$TESTS/lib/tap"
. "$TESTS/lib/far"
pins=/sys/fs/bpf/bpftool
tmp=$(mktemp -d); cd "$tmp" || exit 1
cleanup() { ip link del veth0 2> /dev/null; ip link del veth2; ip netns del far; rm -rf $pins "$tmp"; }
trap cleanup EXIT

live() { p=$1; shift; bpftool prog run pinned $pins/near/$p live "$@"; }
json() { p=$1; shift; bpftool -j prog run pinned $pins/near/$p live "$@"; }
# The sentence, and nothing but the sentence, on standard error
fails() { # NAME SENTENCE PROGRAM ARGS...
	name=$1 sentence=$2; shift 2
	live "$@" > out 2> err < /dev/null
	[ $? = 255 ] && [ ! -s out ] && [ "$(cat err)" = "Error: $sentence" ]
	result "$name: $sentence" $?
}
gives() { # NAME EXPRESSION PROGRAM ARGS...: the whole output, plain, matches
	name=$1 expression=$2; shift 2
	live "$@" > out 2> err < packet && [ ! -s err ] && tr '\n' ';' < out | grep -qxE "$expression"
	result "$name" $?
}
field() { sed -n "s/.*\"$1\":\([0-9a-z]*\).*/\1/p" out; }
# has ASSERTION: it holds of what bpftool printed as JSON, r
has() { python3 -c "import json, re; r = json.load(open('out')); assert $1, r" 2>> err; }
says() { # NAME SENTENCE ARGS...: bpftool ends with 255 and this sentence, an expression
	name=$1 sentence=$2; shift 2
	"$@" > out 2> err
	[ $? = 255 ] && grep -qxE "Error: $sentence" err
	result "$name" $?
}
# Numbers as this machine stores them
[ "$(printf '\1\0' | od -An -tu2 | xargs)" = 1 ] && high=0 || high=3
byte() { printf "\\\\%03o" $(($1 >> ($2 ^ high) * 8 & 255)); }
# shellcheck disable=SC2059 # the format is the escapes of byte()
u32() { for v; do printf "$(byte $v 0)$(byte $v 1)$(byte $v 2)$(byte $v 3)"; done; }
bytes() { u32 "$1" | od -An -tu1; }
page=$(getconf PAGESIZE) largest=$(limits)

{
	far_add numrxqueues 3
	far_add_pair veth2 veth3
	mkdir $pins
	for end in near far; do
		bpftool prog loadall "$PROGRAMS/frames.bpf.o" $pins/$end pinmaps $pins/$end-maps || exit 1
	done
	# libbpf before 1.0 pins them by their sections: xdp_run_tx, classifier_count_shot
	for pin in "$pins"/*/xdp_* "$pins"/*/classifier_*; do
		name=${pin##*/}
		[ ! -e "$pin" ] || mv "$pin" "${pin%/*}/${name#*_}"
	done
	far_attach $pins/far/count_drop $pins/far-maps/counts
	head -c 64 /dev/zero > packet
	# shellcheck disable=SC2094 # a number, and a file of that name
	head -c $largest /dev/zero > largest
	head -c $((largest + 1)) /dev/zero > larger
	head -c 4 /dev/zero > tiny
	part $pins/part
} >&2 || exit 1
redirect_to() { bpftool map update pinned $pins/near-maps/frames_bss key 0 0 0 0 value $(bytes $1) 0 0 0 0; }

# What it prints
numbers='duration \(average\): [1-9][0-9]*ns, rate: [1-9][0-9]*/s;'
# On a slow machine veth's ring may be full. Where a program of a device map runs on bulks, its drops are in the same event.
room='(the driver had no room for them, or the receiver has a smaller MTU|dropped by a program of the device map, or the driver had no room, or the receiver has a smaller MTU)'
sent="$numbers(Lost: [0-9]+, $room;)?"
far_start; gives "plain output" "Repetitions: 1000, $sent" run_tx data_in packet dev veth0 repeat 1000
far_got 1000; result "1000 frames at the far end" $?
gives "one frame without repeat" "Repetitions: 1, $numbers" run_drop data_in packet
gives "the packet from standard input" "Repetitions: 5, $sent" run_tx data_in - dev veth0 queue 0 repeat 5 batch_size 2
gives "keywords by their prefix" "Repetitions: 5, $sent" run_tx da packet de veth0 q 0 r 5 b 2
far_start; json run_tx data_in packet dev veth0 repeat 100000 > out 2> err
has "sorted(r) == ['duration', 'interrupted', 'losses', 'rate', 'repetitions'] and r['repetitions'] == 100000 and r['interrupted'] is False" &&
	has "all(re.fullmatch('$room', l['reason']) for l in r['losses'])" &&
	has "r['duration'] > 0 and 1e9 / (r['duration'] + 1) - 1 <= r['rate'] <= 1e9 / r['duration']"; result "JSON" $?
far_got 100000; result "100000 frames at the far end" $?
# The mean time is in whole nanoseconds, the rate is not. The clock may show a whole number, but not each time.
for i in 1 2 3; do
	json run_drop data_in packet repeat 1000000 > out 2> err
	has "1e9 / (r['duration'] + 1) - 1 <= r['rate'] < int(1e9 / r['duration'])" && break
done; result "a rate by the clock" $?
gives "a 4-byte packet, dropped" "Repetitions: 9, $numbers" run_drop data_in tiny repeat 9
gives "the largest packet" "Repetitions: 9, $numbers" run_drop data_in largest repeat 9
ifindex=$(cat /sys/class/net/veth0/ifindex)
{ u32 8 72 0 "$ifindex" 0 0; } > ctx
{ head -c 8 /dev/zero; cat packet; } > packet8
gives "context from a file, with metadata" "Repetitions: 9, $sent" run_tx data_in packet8 ctx_in ctx repeat 9

# Frames that could not be sent
gives "loss: the device cannot" "Repetitions: 77, ${numbers}Lost: 77, the device cannot transmit XDP frames, .*;" run_tx data_in packet dev lo repeat 77
gives "loss: ABORTED" "Repetitions: 77, ${numbers}Lost: 77, verdict ABORTED.*;" run_aborted data_in packet repeat 77
redirect_to 99
gives "loss: no such device" "Repetitions: 77, ${numbers}Lost: 77, redirected to a device that does not exist, .*;" run_redirect data_in packet repeat 77
redirect_to "$ifindex"; ip link set veth0 down
gives "loss: device down" "Repetitions: 77, ${numbers}Lost: 77, the device to transmit them is down.*;" run_redirect data_in packet repeat 77
ip link set veth0 up
gives "loss: MTU" "Repetitions: 77, ${numbers}Lost: 77, larger than the MTU.*;" run_redirect data_in largest repeat 77
json run_tx data_in packet dev lo repeat 7 > out 2> err
has "[(l['frames'], 'cannot transmit' in l['reason']) for l in r['losses']] == [(7, True)]"; result "losses in JSON" $?

# By its driver, or before, where a device says that it takes none
refused="(the driver takes no XDP frames: veth needs a peer that is up and has an XDP program( or GRO)?|the device cannot transmit XDP frames, as a veth .*);"
gives "loss: TX to a veth whose peer has no program" "Repetitions: 77, ${numbers}Lost: 77, $refused" run_tx data_in packet dev veth2 repeat 77
redirect_to $(cat /sys/class/net/veth2/ifindex)
gives "loss: a redirect there" "Repetitions: 77, ${numbers}Lost: 77, $refused" run_redirect data_in packet repeat 77 batch_size 9
json run_tx data_in packet dev veth2 repeat 1001 > out 2> err
has "[(l['frames'], 'veth' in l['reason']) for l in r['losses']] == [(1001, True)]"; result "loss: a redirect there, in JSON" $?
unshare --fork --pid --mount-proc bpftool prog run pinned $pins/near/run_tx live data_in packet dev veth2 repeat 77 > out 2> err
tr '\n' ';' < out | grep -qxE "Repetitions: 77, ${numbers}Lost: 77, $refused"; result "loss: in a PID namespace" $?
ip -n far link set veth1 mtu 100; head -c 200 /dev/zero > packet200
gives "loss: the peer's MTU" "Repetitions: 77, ${numbers}Lost: 77, $room;" run_tx data_in packet200 dev veth0 repeat 77
ip -n far link set veth1 mtu 1500
bpftool map update pinned $pins/near-maps/cpumap key 0 0 0 0 value $(bytes 8) 0 0 0 0
taskset -c 0 bpftool prog run pinned $pins/near/run_cpumap live data_in packet repeat 256 batch_size 256 > out 2> err
grep -qx 'Lost: 248, the queue of the CPU was full' out; result "loss: the queue of a CPU" $?
# Others lose frames while this task runs, in the softirqs on top of it
redirect_to "$ifindex"
far_net detach xdpdrv; far_net attach xdpdrv pinned $pins/near/run_tx_or_abort
taskset -pc 0 $$ > /dev/null
gives "no loss: the same program aborts at the peer" "Repetitions: 1000, $sent" run_tx_or_abort data_in packet dev veth0 repeat 1000
taskset -pc 0-$(($(nproc) - 1)) $$ > /dev/null
far_net detach xdpdrv; far_net attach xdpdrv pinned $pins/far/count_drop

# Where nothing can be counted
unknown='Lost: unknown, for want of (tracefs, )?BTF or CAP_PERFMON'
without() { # tracefs|perf ARGS...
	case $1 in
	tracefs) shift; unshare -m sh -c 'mount -t tmpfs none /sys/kernel && exec bpftool "$@"' sh "$@" ;;
	perf) shift; setpriv --bounding-set -sys_admin,-perfmon bpftool "$@" ;;
	esac > out 2> err
}
for what in tracefs perf; do
	without $what prog run pinned $pins/near/run_tx live data_in packet dev lo repeat 7 &&
		tr '\n' ';' < out | grep -qxE "Repetitions: 7, $numbers$unknown;"
	result "without $what: losses are unknown" $?
	without $what -j prog run pinned $pins/near/run_tx live data_in packet dev lo repeat 7 && has "r['losses'] is None"
	result "without $what: losses are unknown in JSON" $?
done

# How it ends. A shell's job in the background ignores SIGINT, and so does what it starts.
endless="live data_in packet dev veth0 repeat 4000000000" run="prog run pinned $pins/near/run_tx"
for signal in INT TERM; do
	case $signal in INT) number=130 ;; TERM) number=143 ;; esac
	far_start
	env --default-signal=INT bpftool -j $run $endless > out 2> err &
	far_got_some; kill -$signal $!; wait $!
	[ $? = $number ] && [ "$(field interrupted)" = true ] && [ "$(field repetitions)" -gt 1000 ] && [ "$(field repetitions)" -lt 4000000000 ]
	result "SIG$signal: it prints its result, and dies by it" $?
	far_got "$(field repetitions)"; result "SIG$signal: as many at the far end as it says" $?
done
far_start; script -qec "bpftool prog run pinned $pins/near/run_tx live data_in packet dev veth0 repeat 300000" /dev/null > out 2> err
tr '\r' '\n' < out | grep -qE '^65536 of 300000 frames, [0-9]+/s' && tr '\r' '\n' < out | grep -qE '^Repetitions: 300000, '
result "progress on a terminal" $?
far_got 300000; result "a run in parts sends them all" $?
# Stopped in the kernel, it goes on with the rest
far_start; env --default-signal=INT bpftool -j $run $endless > out 2> err &
far_got_some; kill -STOP $!; sleep 0.2; grep -q '^State:.T' /proc/$!/status && stopped=$(($(far) - start))
kill -CONT $!; far_got_some $((stopped + 1000)); went_on=$?; kill -INT $!; wait $!
[ "$stopped" ] && [ $went_on = 0 ] && [ "$(field interrupted)" = true ] && far_got "$(field repetitions)"; result "SIGSTOP and SIGCONT lose nothing" $?

far_start; bpftool -j $run $endless > out 2> err &
far_got_some; kill -INT $!; sleep 0.2; far_start; far_got_some; kill -TERM $!; wait $!
[ $? = 143 ] && [ "$(field interrupted)" = true ]; result "SIGINT that was ignored stays ignored" $?
far_start; setsid env --default-signal=INT bash -c "for i in 1 2; do bpftool $run $endless; echo next; done" > out 2> err &
far_got_some; kill -INT -$!; sleep 1; kill -KILL -$! 2> /dev/null; wait $!
[ $? = 130 ] && grep -q '(interrupted)' out && ! grep -q next out; result "a loop in bash ends with it" $?
printf '%s\n%s\n' "$run $endless" "$run $endless" > two
far_start; env --default-signal=INT bpftool -j batch file two > out 2> err &
far_got_some; kill -INT $!; sleep 1; kill -KILL $! 2> /dev/null; wait $!
[ $? = 130 ] && has "len(r) == 1 and r[0]['output']['interrupted'] is True"
result "a batch file ends with it" $?

# Batch files
printf '%s\n' "$run live data_in packet dev lo repeat 3" "$run data_in packet" "$run live data_in packet repeat 9" "$run live data_in packet" > commands
processed() { tr -d '\r' < out | grep -qx 'processed 4 commands'; }
bpftool batch file commands > out 2> err && processed && [ ! -s err ]; result "a batch file, stderr is a file" $?
{ bpftool batch file commands; echo $? > status; } 2>&1 > out | cat > err; [ "$(cat status)" = 0 ] && processed && [ ! -s err ]; result "a batch file, stderr is a pipe" $?
script -qec "bpftool batch file commands" /dev/null > out 2> err && processed; result "a batch file, stderr is a terminal" $?
says "a batch file that is a directory" "reading batch file failed: Is a directory" bpftool batch file .
for i in $(seq 40); do cat commands; done > many
# shellcheck disable=SC3045 # dash and busybox have it
(ulimit -n 64; bpftool batch file many > out 2> err); [ $? = 0 ] && grep -qx 'processed 160 commands' out && ! grep -q unknown out
result "a batch file leaves no descriptors open" $?

# What it says when it cannot run
mkdir dir
fails directory "failed to read data_in/ctx_in from dir: Is a directory" run_drop data_in dir
says "a plain run from a directory" "failed to read data_in/ctx_in from dir: Is a directory" bpftool $run data_in dir
head -c $((page + 4)) /dev/zero > ctx
fails long "ctx is longer than a page ($((page + 4)) bytes), struct xdp_md has 24" run_drop data_in packet ctx_in ctx
says "a part of a dispatcher" "this program is part of another one and cannot be run alone, run that one: xdp_dispatcher, if libxdp loaded it" \
	bpftool prog run pinned $pins/part live data_in packet
fails device "no such device: eth7" run_drop data_in packet dev eth7
{ u32 0 64 0 4242 0 0; } > ctx
fails context "no such device in this network namespace: ingress_ifindex 4242" run_drop data_in packet ctx_in ctx
fails queue "the device has no receive queue 9, the last one is 2" run_drop data_in packet dev veth0 queue 9
fails size "packet of $((largest + 1)) bytes is too large, the limit is $largest" run_drop data_in larger
# Mainline gives metadata room in front of the packet
head -c $((largest + 9)) /dev/zero > larger9; { u32 8 $((largest + 9)) 0 0 0 0; } > ctx
says "size with metadata" "packet with metadata of $((largest + 9)) bytes is too large, the limit is ($largest|$((largest + 8)))" \
	bpftool prog run pinned $pins/near/run_drop live data_in larger9 ctx_in ctx
{ u32 8 4 0 0 0 0; } > ctx
says "shorter than the metadata" "packet of 4 bytes is too short(, it must have an Ethernet header after the| for) metadata( of 8 bytes \(data in ctx\), which precedes it)?" \
	bpftool prog run pinned $pins/near/run_drop live data_in tiny ctx_in ctx
fails batch "batch_size 257 is too large, the limit is 256" run_drop data_in packet batch_size 257
# 5.10 takes 32 bytes of metadata, as its programs can make; mainline what is left of the headroom
for meta in 3 260; do
	{ u32 $meta 64 0 0 0 0; } > ctx
	says "metadata of $meta bytes" "metadata of $meta bytes \(data in ctx\), the length must be a multiple of 4, and (32|216) at most" \
		bpftool prog run pinned $pins/near/run_drop live data_in packet ctx_in ctx
done
{ u32 0 64 1 0 0 0; } > ctx
says context "the kernel rejects the context in ctx: data_meta must be 0, data_end 64( \(at least 14, if program and kernel take fragments\))?, egress_ifindex 0, and rx_queue_index 0 without ingress_ifindex" \
	bpftool prog run pinned $pins/near/run_drop live data_in packet ctx_in ctx
{ u32 0 64 0 0 0 0 1; } > ctx
fails tail "ctx has non-zero bytes after struct xdp_md (24 bytes), zero or remove them" run_drop data_in packet ctx_in ctx
fails data "'data_in' is missing, name the file with the packet" run_drop dev veth0
fails both "'dev' and 'ctx_in' both choose the device, leave one out" run_drop data_in packet dev veth0 ctx_in ctx
fails queue "'queue' needs 'dev'" run_drop data_in packet queue 1
fails number "can't parse 12x as repeat number" run_drop data_in packet repeat 12x
says "without CAP_NET_ADMIN: not permitted" "not permitted, .* CAP_NET_ADMIN.*" \
	setpriv --bounding-set -net_admin bpftool prog run pinned $pins/near/run_drop live data_in packet
says "a program of another type" "live frames are for XDP programs.*" bpftool prog run pinned $pins/near/count_shot live data_in packet
far_start; live run_tx data_in packet dev veth0 repeat 4000000000 > out 2> err &
far_got_some; ip link del veth0; wait $!
[ $? = 255 ] && grep -qxE 'Error: the device went away after [1-9][0-9]* frames' err &&
	head -n 1 out | grep -qE "^Repetitions: [1-9][0-9]* of 4000000000 \(interrupted\), ${numbers%;}$"; result "the device goes away" $?
ip link add veth4 type veth peer name veth5; ip link set veth4 up
json run_drop data_in packet dev veth4 repeat 4000000000 > out 2> err &
sleep 1; ip link del veth4; wait $!
[ $? = 255 ] && has "r['repetitions'] > 0 and r['interrupted'] is True and r['error'] == 'the device went away'"
result "the device goes away, in JSON" $?

# Bash completion, with stand-ins for what the package bash-completion gives
completes() { # WORDS... EXPECTED
	bash -c '
	_init_completion() { words=("${COMP_WORDS[@]}") cword=$COMP_CWORD; cur=${words[cword]} prev=${words[cword - 1]}; }
	_filedir() { COMPREPLY=(FILE); }
	. "$0"; set -f; expected=${@:$#}; COMP_WORDS=("${@:1:$#-1}") COMP_CWORD=$(($# - 2)); _bpftool
	echo "${COMPREPLY[*]}"; [ "${COMPREPLY[*]}" = "$expected" ]' "$completion" bpftool prog run pinned p "$@" > out 2> err
	result "completion of 'run pinned p $*'" $?
}
completion=$BUILD/linux/tools/bpf/bpftool/bash-completion/bpftool
completes l live
completes live '' 'data_in repeat batch_size dev ctx_in'
completes live data_in p d dev
completes live data_in p dev veth0 '' 'repeat batch_size queue'
completes live ctx_in c '' 'data_in repeat batch_size'
completes live dev l lo
completes live data_in '' FILE
completes live repeat '' ''
completes data_in live '' 'data_out data_size_out ctx_in ctx_out ctx_size_out repeat'
completes live data_in live '' 'repeat batch_size dev ctx_in'
completes d 'data_in data_out data_size_out'

# The plain run is what it was
bpftool prog run pinned $pins/near/run_tx data_in packet repeat 3 > out 2> err
[ $? = 0 ] && grep -qxE 'Return value: 3, duration \(average\): [0-9]+ns' out; result "the plain run" $?
plan
