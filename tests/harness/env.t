#!/bin/bash -p
# On the host: whatever the user's environment, git configuration, paths and permissions are, a verb does the right thing or
# says why not. A clone with a kernel tree of a few files stands in.
[ -n "${XDP_LIVE:-}" ] && exec env -u XDP_LIVE "$0" "$@"
cd "$(dirname "$0")/../.." || exit 1
dir=$(mktemp -d) && trap 'chmod -R u+rwX "$dir"; rm -rf "$dir"' EXIT
export HOME=$dir/home KERNEL_SRC=$dir/src LC_ALL=C
umask 022; chmod 755 "$dir"
unset BUILD RESULTS PATCHES KERNELS KERNEL T ACCEL ARCH CONFIG NO_INSTALL TMPDIR XDG_CACHE_HOME
clone=$dir/clone
mkdir -p "$HOME" "$clone/kernels/5.99/patches" "$clone/tests" "$KERNEL_SRC/include/generated"
cp -r scripts guest Makefile "$clone"
echo 5.99 > "$clone/kernels/default"
echo DATE=2020-01-01T00:00:00Z > "$clone/kernels/5.99/source"
printf 'VERSION = 5\nPATCHLEVEL = 99\nSUBLEVEL = 1\nmrproper:; @echo gone > $(or $(KBUILD_OUTPUT),.)/mrproper\n' > "$KERNEL_SRC/Makefile"
printf 'a\r\nb\r\n' > "$KERNEL_SRC/crlf.txt"
for i in {1..100}; do echo $i; done > "$KERNEL_SRC/numbers.c"
cat > "$clone/kernels/5.99/patches/0001-A-change.patch" <<'PATCH'
From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: a <a@localhost>
Date: Wed, 1 Jan 2020 00:00:00 +0000
Subject: [PATCH] A change

---
 numbers.c | 2 +-
 1 file changed, 1 insertion(+), 1 deletion(-)

diff --git a/numbers.c b/numbers.c
index 0000000000000..1111111111111 100644
--- a/numbers.c
+++ b/numbers.c
@@ -47,7 +47,7 @@
 47
 48
 49
-50
+fifty
 51
 52
 53
PATCH
cd "$clone" || exit 1
tree=$clone/build/5.99/linux

n=0
tap() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; sed 's/^/# /' "$dir/out"; fi; }
ok() { local rc=0; "${@:2}" > "$dir/out" 2>&1 < /dev/null || rc=$?; tap $rc "$1"; }
# says NAME TEXT COMMAND...: it fails, and says so in a few lines
says() { local rc=0; "${@:3}" > "$dir/out" 2>&1 < /dev/null && rc=1; grep -qF -- "$2" "$dir/out" && [ "$(wc -l < "$dir/out")" -lt 9 ] || rc=1; tap $rc "$1"; }
remove() { chmod -R u+rwX "$clone/build" 2> /dev/null; rm -rf "$clone/build"; }
# same COMMAND...: it makes the tree of everybody, and series has nothing to write
same() {
	local before
	before=$(sha256sum kernels/5.99/patches/*)
	remove; "$@" || return
	command git --git-dir "$tree/.git" rev-parse HEAD | grep -x "$first" || { command git --git-dir "$tree/.git" log -p | head -n 40; return 1; }
	"${@:1:$#-1}" scripts/series && [ "$before" = "$(sha256sum kernels/5.99/patches/*)" ] && "$@"
}

scripts/tree > "$dir/out" 2>&1 && first=$(git --git-dir "$tree/.git" rev-parse HEAD) && scripts/series >> "$dir/out" 2>&1
ok "a tree, and series writes it back" scripts/tree

# --- The environment
printf 'cd /\ntouch %q/read\n' "$dir" > "$dir/bashrc"
git() { return 1; }
export -f git
ok "exported functions, BASH_ENV" same env BASH_ENV="$dir/bashrc" scripts/tree
unset -f git
ok "BASH_ENV was not read" test ! -e "$dir/read"
ok "CDPATH" same env CDPATH="$dir:/" scripts/tree
ok "variables of a CI" same env ENV=staging IMAGE= ROOT=/builds TESTS=smoke PATCHES=none SELFTEST_LIST=x LOCKED=1 CLAIMED=x CROSS_COMPILE=arm- scripts/tree
ok "what steers tools" same env POSIXLY_CORRECT=1 TAR_OPTIONS=--exclude=numbers.c GREP_OPTIONS=-v MAKEFLAGS=-n GIT_DIR="$dir/none" LD_PRELOAD= TZ=Asia/Tokyo scripts/tree
mkdir "$dir/precious"
ok "KBUILD_OUTPUT" same env KBUILD_OUTPUT="$dir/precious" scripts/tree
ok "nothing was written there" test -z "$(ls "$dir/precious")"
ok "another locale" same env LC_ALL=de_DE.UTF-8 LANGUAGE=de LANG=tr_TR scripts/tree
ok "umask 077" same bash -c 'umask 077; exec "$0"' scripts/tree
ok "files are for all to read, then" test "$(stat -c %a "$tree/numbers.c")" = 644
ok "stdin, stdout and stderr closed" same bash -c 'exec "$0" <&- >&- 2>&-' scripts/tree
ok "no HOME" same env -u HOME scripts/tree
ok "HOME that cannot be written" same env HOME=/proc scripts/tree
printf '#!/bin/bash -p\n. "$(dirname "$0")/lib/base"\n. "$LIB/apt"\nown_apt\necho "cache $CACHE"\n' > scripts/cache; chmod +x scripts/cache
ok "there is a cache, then" sh -c 'HOME=/proc scripts/cache | grep "cache $PWD/build/5.99/home"'
ok "a clone through a symbolic link" sh -c 'ln -s "$1" "$1.link" && cd "$1.link" && scripts/tree && test -z "$(scripts/tree)"' sh "$clone"
says "TMPDIR that is not there" "TMPDIR=/none" env TMPDIR=/none scripts/tree
while read -r name value; do
	says "$name=$value is refused" "$name=$value" env "$name=$value" scripts/test
done <<< "ACCEL KVM
CPUS two
T *
T ../x
NO_INSTALL 0
TIMEOUT 10m
JOBS -1
CONFIG a b
IMAGE registry/image:1
KERNEL 9.99"
says "T of spaces is refused" "T= " env T=' ' scripts/test
printf 'echo 1..1; echo ok 1\n' > tests/good.t
says "a test that is not there" "no test bad; there are:" env T=bad scripts/test
rm tests/good.t
says "no test at all" "no test to run" scripts/test

# --- The user's git
mkdir -p "$HOME/hooks" "$HOME/template/hooks" "$HOME/.config/git"
printf '#!/bin/sh\necho hook >> "%s"\nexit 1\n' "$dir/hooks" | tee "$HOME"/{hooks,template/hooks}/{pre-commit,commit-msg,applypatch-msg,pre-applypatch,post-checkout,post-commit} > /dev/null
chmod +x "$HOME"/{hooks,template/hooks}/*
printf '* text eol=crlf\n' > "$HOME/.config/git/attributes"; printf '*\n' > "$HOME/.config/git/ignore"
config() { printf '[%s]\n%s = %s\n' "$@" > "$HOME/.gitconfig"; }
while read -r section key value; do
	config "$section" "$key" "$value"
	ok "git's $section.$key=$value" same scripts/tree
done <<< "core attributesFile $HOME/.config/git/attributes
commit gpgSign true
tag gpgSign true
core hooksPath $HOME/hooks
init templateDir $HOME/template
core autocrlf true
core autocrlf input
core abbrev 40
diff noprefix true
format numbered true
core fsmonitor $HOME/hooks/pre-commit
apply whitespace fix"
ok "no hook was run" test ! -e "$dir/hooks"
rm -r "$HOME/.gitconfig" "$HOME/.config"

# --- Paths
ok "a BUILD that is relative" env BUILD=./x/../build2 scripts/tree
ok "is where it was said" test -e "$clone/build2/linux/numbers.c"
says "BUILD that is a word" "BUILD=123" env BUILD=123 scripts/tree
echo x > "$dir/precious/x"
says "BUILD that is somebody's directory" "is not empty" env BUILD="$dir/precious" scripts/tree
says "BUILD that the guest does not see" "the guest has its own /dev" env BUILD=/dev/shm/x scripts/tree
for c in , ' ' : '$x' '%'; do
	cp -r "$clone/scripts" "$clone/kernels" -t "$(mkdir -p "$dir/a${c}b" && echo "$dir/a${c}b")"
	says "a clone in a directory with '$c' in its name" "of that name" "$dir/a${c}b/scripts/tree"
done
mkdir "$dir/Täst" && cp -r "$clone/scripts" "$clone/kernels" "$dir/Täst"
ok "a clone in a directory with an umlaut" "$dir/Täst/scripts/tree"

# --- Other trees
cp -r "$KERNEL_SRC" "$dir/other"; sed -i '1i int main()\n0' "$dir/other/numbers.c"
remove; KERNEL_SRC=$dir/other scripts/tree > /dev/null 2>&1
ok "a series that fits elsewhere is not applied again" sh -c 'set -x; out=$(KERNEL_SRC=$1 scripts/tree) && test -z "$out"' sh "$dir/other"
ok "and not written anew" sh -c '! KERNEL_SRC=$1 scripts/series | grep wrote' sh "$dir/other"
sed -i 's/^+fifty$/+FIFTY/' kernels/5.99/patches/*
ok "a patch that changed is" sh -c 'KERNEL_SRC=$1 scripts/tree | grep "patches/ changed" && grep FIFTY build/5.99/linux/numbers.c' sh "$dir/other"
sed -i 's/^+FIFTY$/+fifty/; s/A change/A better name/' kernels/5.99/patches/*
ok "also if only its message did" sh -c 'KERNEL_SRC=$1 scripts/tree | grep "patches/ changed"' sh "$dir/other"
sed -i 's/A better name/A change/' kernels/5.99/patches/*

# --- Owners and permissions; an unprivileged user, where root runs this
remove
as=(); [ "$(id -u)" != 0 ] || { as=(setpriv --reuid=65534 --regid=65534 --clear-groups); chown -R 65534:65534 "$dir"; }
if [ "$(id -u)" = 0 ]; then
	mkdir "$dir/roots" && : > "$dir/roots/.lock"
	says "somebody else's BUILD" "belongs to root, and you are nobody" "${as[@]}" env BUILD="$dir/roots" scripts/tree
	mkdir "$dir/nobodys" && : > "$dir/nobodys/.lock" && chown 65534 "$dir/nobodys"
	says "also for root" "belongs to nobody, and you are root" env BUILD="$dir/nobodys" scripts/tree
fi
chmod -R a-w "$KERNEL_SRC"
ok "a KERNEL_SRC that cannot be written" "${as[@]}" scripts/tree
ok "its tree can be removed" "${as[@]}" scripts/clean
ok "all of it" test ! -e build/5.99
mkdir -p build/5.99/linux.new; cp -a "$KERNEL_SRC" build/5.99/linux.new/; : > build/5.99/.lock
[ "$(id -u)" != 0 ] || chown -R 65534:65534 build
ok "a copy that was interrupted" "${as[@]}" scripts/tree
chmod -R u+w "$KERNEL_SRC"
remove
"${as[@]}" sh -c 'cd "$1" && git init -q && git add -f . && git -c user.name=a -c user.email=a@localhost commit -qm x' sh "$KERNEL_SRC"
ok "a KERNEL_SRC that is another's checkout" scripts/tree
remove

# --- Others at the same time, and interruptions
printf '#!/bin/bash -p\n. "$(dirname "$0")/lib/base"\nlock\necho held\nsh -c %q\necho went on\n' 'trap "exit 0" INT; echo $$; sleep 60' > scripts/long; chmod +x scripts/long
scripts/tree > /dev/null 2>&1
: > "$dir/long"; set -m; env --default-signal=INT scripts/long > "$dir/long" 2>&1 & long=$!; set +m
for i in {1..100}; do [ "$(wc -l < "$dir/long")" = 2 ] && break; sleep 0.1; done
says "clean does not take a verb's files away" "something runs in" timeout 20 scripts/clean
kill -INT -$long; wait $long
ok "Ctrl-C ends a verb, although its child took it for its end" test $? = 130
ok "which did not go on" sh -c '! grep "went on" "$1"' sh "$dir/long"
ok "the next one can begin" timeout 20 scripts/tree
ok "so can clean" timeout 20 scripts/clean
says "make -j8 and -k: each verb says what it has to" "no test to run" make -j8 -k tree test

# --- Packages
mkdir -p "$dir/apt"/{lists/partial,repo} && : > "$dir/apt/repo/Packages" && : > "$dir/apt/status"
printf 'Dir::State::Lists "%s";\nDir::Etc::SourceList "%s";\nDir::Etc::SourceParts "/dev/null";\nDir::State::status "%s";\nDir::Cache "%s";\n' \
	"$dir/apt/lists" "$dir/apt/list" "$dir/apt/status" "$dir/apt" > "$dir/apt/conf"
echo "deb [trusted=yes] file:$dir/apt/repo ./" > "$dir/apt/list"
printf '#!/bin/bash -p\n. "$(dirname "$0")/lib/base"\n. "$LIB/apt"\nmirrors\n' > scripts/sites; chmod +x scripts/sites
ok "no package lists yet, as in a container: they are fetched" sh -c 'APT_CONFIG=$1/apt/conf scripts/sites | grep "file:$1/apt/repo"' sh "$dir"
sed -i '/^build *git /s/git/no-such-program/2; /^build *git /s/ git / no-such-program /' scripts/deps
says "NO_INSTALL=1 names what is missing" "missing, by Debian's names:" env NO_INSTALL=1 scripts/tree
echo "1..$n"
