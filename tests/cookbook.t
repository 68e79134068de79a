#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# docs/cookbook.md: each sh block is a test, run in order in one shell, in a directory with the files of the c blocks. It
# fails if a command fails, or if its output, except for numbers, differs from the text block that follows it.
tmp=$(mktemp -d); cd "$tmp" || exit 1
trap 'echo 0 > /sys/kernel/tracing/events/enable; rm -rf /sys/fs/bpf/*; ip link del veth0; ip netns del far; rm -rf "$tmp"' EXIT
# The block names <bpf/...>; these are the headers of the tree's own libbpf
CPATH="$BUILD/tools/include:$BUILD/linux/tools/include/uapi:/usr/include/$(gcc -dumpmachine)"
export CPATH

python3 - "$TOP/docs/cookbook.md" > script <<'X'
import re, sys
cookbook = open(sys.argv[1]).read()
blocks = re.findall(r'^## ([^\n]*)$|^```(\w+)(?: (\S+))?\n(.*?)^```$', cookbook, re.M | re.S)
print('exec 3>&1; fail() { exec >&3; echo "not ok $n - $what"; sed "s/^/#   /" out; }; trap "[ \\$done ] || fail" EXIT; set -e')
n, heading = 0, 'The topology'
for i, (title, kind, name, text) in enumerate(blocks):
    if title:
        heading = title
    elif kind == 'c':
        open(name, 'w').write(text)
    elif kind == 'sh':
        n += 1
        what = f'{heading}: {text.split(chr(10))[0]}'.replace("'", '')
        print(f"n={n} what='{what}'; exec > out 2>&1\n{text}exec >&3 2>&3")
        if i + 1 < len(blocks) and blocks[i + 1][1] == 'text':
            open(f'expected{n}', 'w').write(blocks[i + 1][3])
            print(f"[ \"$(sed 's/[0-9][0-9]*/N/g' expected{n})\" = \"$(sed 's/[0-9][0-9]*/N/g' out)\" ]")
        print('echo "ok $n - $what"')
assert n and n == cookbook.count('\n```sh\n')
print("done=1")
open('plan', 'w').write(f'1..{n}\n')
X
cat plan
bash script
