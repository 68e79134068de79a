#!/bin/bash -p
# SPDX-License-Identifier: GPL-2.0-only
# On the host: whatever the user's environment, git configuration, paths and permissions are, a verb does the right thing or
# says why not. In a clone with a kernel tree of a few files.
[ -n "${XDP_LIVE:-}" ] && exec env -u XDP_LIVE "$0" "$@"
. "$(dirname "$0")/../lib/harness"
. tests/lib/clone

# same COMMAND...: it makes the same tree as everywhere, and series has nothing to write
same() {
	local before
	before=$(sha256sum kernels/5.99/patches/*)
	remove; "$@" || return
	command git --git-dir "$tree/.git" rev-parse HEAD | grep -x "$first" || { command git --git-dir "$tree/.git" log -p | head -n 40; return 1; }
	"${@:1:$#-1}" scripts/series && [ "$before" = "$(sha256sum kernels/5.99/patches/*)" ] && "$@"
}

scripts/tree > "$dir/out" 2>&1 && first=$(git --git-dir "$tree/.git" rev-parse HEAD) && scripts/series >> "$dir/out" 2>&1
runs "a tree, and series writes it back" scripts/tree

# --- The environment
printf 'cd /\ntouch %q/read\n' "$dir" > "$dir/bashrc"
git() { return 1; }
export -f git
runs "exported functions, BASH_ENV" same env BASH_ENV="$dir/bashrc" scripts/tree
unset -f git
runs "BASH_ENV was not read" test ! -e "$dir/read"
runs "CDPATH" same env CDPATH=".:$dir" scripts/tree
runs "variables of a CI" same env ENV=staging IMAGE= ROOT=/builds TESTS=smoke PATCHES=none SELFTEST_LIST=x LOCKED=1 CLAIMED=x CROSS_COMPILE=arm- scripts/tree
runs "what steers tools" same env POSIXLY_CORRECT=1 TAR_OPTIONS=--exclude=numbers.c GREP_OPTIONS=-v MAKEFLAGS=-n GIT_DIR="$dir/none" LD_PRELOAD= TZ=Asia/Tokyo scripts/tree
mkdir "$dir/precious"
runs "KBUILD_OUTPUT" same env KBUILD_OUTPUT="$dir/precious" scripts/tree
runs "nothing was written there" test -z "$(ls "$dir/precious")"
runs "a German and a Turkish locale" sh -ec 'mkdir "$1"; for l in de_DE tr_TR; do localedef -i $l -f UTF-8 "$1/$l.UTF-8"; done' sh "$dir/locales"
german=(LOCPATH="$dir/locales" LC_ALL=de_DE.UTF-8 LANGUAGE=de) turkish=(LOCPATH="$dir/locales" LC_ALL=tr_TR.UTF-8)
runs "a German locale" same env "${german[@]}" scripts/tree
runs "a Turkish one, in which i and I are not between a and z" same env "${turkish[@]}" M=iI scripts/tree
runs "and make help has the same verbs" test "$(make help)" = "$(env "${turkish[@]}" make help)"
runs "umask 077" same bash -c 'umask 077; exec "$0"' scripts/tree
runs "files are for all to read, then" test "$(stat -c %a "$tree/numbers.c")" = 644
runs "stdin, stdout and stderr closed" same bash -c 'exec "$0" <&- >&- 2>&-' scripts/tree
runs "no HOME" same env -u HOME scripts/tree
runs "HOME that cannot be written" same env HOME=/proc scripts/tree
printf '#!/bin/bash -p\n. "$(dirname "$0")/lib/base"\n. "$LIB/apt"\nown_apt\necho "cache $CACHE"\n' > scripts/cache; chmod +x scripts/cache
runs "there is a cache, then" sh -c 'HOME=/proc scripts/cache | grep "cache $PWD/build/5.99/home"'
runs "PYTHONHOME, PYTHONPATH" env -u XDP_LIVE PYTHONHOME=/none PYTHONPATH=/none "$OLDPWD/scripts/lessons" check
runs "a clone through a symbolic link" sh -c 'ln -s "$1" "$1.link" && cd "$1.link" && scripts/tree && test -z "$(scripts/tree)"' sh "$clone"
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
	runs "git's $section.$key=$value" same scripts/tree
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
runs "no hook was run" test ! -e "$dir/hooks"
config core autocrlf true
cp -r "$clone" "$dir/published"
runs "a clone made with git's core.autocrlf=true" sh -c 'rm -rf "$1/build" && git init -q "$1" && git -C "$1" add -f . &&
	git -C "$1" -c user.name=a -c user.email=a@localhost commit -qm x && git clone -q "$1" "$1.clone" &&
	"$1.clone/scripts/tree"' sh "$dir/published"
rm -r "$HOME/.gitconfig" "$HOME/.config"

# --- Paths
runs "a BUILD that is relative" env BUILD=./x/../build2 scripts/tree
runs "is where it was said" test -e "$clone/build2/linux/numbers.c"
says "BUILD that is a word" "BUILD=123" env BUILD=123 scripts/tree
echo x > "$dir/precious/x"
says "BUILD that is somebody's directory" "is not empty" env BUILD="$dir/precious" scripts/tree
says "BUILD that the guest does not see" "the guest has its own /dev" env BUILD=/dev/shm/x scripts/tree
for c in ',' ' ' : '$x' '%'; do
	cp -r "$clone/scripts" "$clone/kernels" -t "$(mkdir -p "$dir/a${c}b" && echo "$dir/a${c}b")"
	says "a clone in a directory with '$c' in its name" "of that name" "$dir/a${c}b/scripts/tree"
done
mkdir "$dir/Täst" && cp -r "$clone/scripts" "$clone/kernels" "$dir/Täst"
runs "a clone in a directory with an umlaut" "$dir/Täst/scripts/tree"

# --- Other trees
cp -r "$KERNEL_SRC" "$dir/other"; sed -i '1i int main()\n0' "$dir/other/numbers.c"
remove; KERNEL_SRC=$dir/other scripts/tree > /dev/null 2>&1
runs "a series that fits elsewhere is not applied again" sh -c 'set -x; out=$(KERNEL_SRC=$1 scripts/tree) && test -z "$out"' sh "$dir/other"
runs "and not written anew" sh -c '! KERNEL_SRC=$1 scripts/series | grep wrote' sh "$dir/other"
sed -i 's/^+fifty$/+FIFTY/' kernels/5.99/patches/*
runs "a patch that changed is" sh -c 'KERNEL_SRC=$1 scripts/tree | grep "patches/ changed" && grep FIFTY build/5.99/linux/numbers.c' sh "$dir/other"
sed -i 's/^+FIFTY$/+fifty/; s/A change/A better name/' kernels/5.99/patches/*
runs "also if only its message did" sh -c 'KERNEL_SRC=$1 scripts/tree | grep "patches/ changed"' sh "$dir/other"
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
mkdir -p "$dir/closed" "$HOME/.cache/ccache"; chmod a-w "$dir/closed" "$HOME/.cache/ccache"; chmod a+rx "$dir/closed"
[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$HOME"
says "a BUILD that cannot be made" "nothing can be built in" "${as[@]}" env BUILD="$dir/closed/x" scripts/tree
runs "a cache in which root was at work" "${as[@]}" sh -c 'scripts/cache 2>&1 | grep "cache $PWD/build/5.99/home"'
chmod u+w "$HOME/.cache/ccache"
runs "one of the user's own" "${as[@]}" sh -c 'scripts/cache | grep "cache $HOME/.cache"'
chmod -R a-w "$KERNEL_SRC"
runs "a KERNEL_SRC that cannot be written" "${as[@]}" scripts/tree
runs "its tree can be removed" "${as[@]}" scripts/clean
runs "all of it" test ! -e build/5.99
mkdir -p build/5.99/linux.new; cp -a "$KERNEL_SRC" build/5.99/linux.new/; : > build/5.99/.lock
[ "$(id -u)" != 0 ] || chown -R 65534:65534 build
runs "a copy that was interrupted" "${as[@]}" scripts/tree
chmod -R u+w "$KERNEL_SRC"
remove
"${as[@]}" sh -c 'cd "$1" && git init -q && git add -f . && git -c user.name=a -c user.email=a@localhost commit -qm x' sh "$KERNEL_SRC"
runs "a KERNEL_SRC that is another's checkout" scripts/tree
remove

# --- All of it at once. A script stands in for the guest, and runs the tests here
cp -r "$clone" "$dir/users"; cd "$dir/users" || exit 1
printf '#!/bin/bash -p\n. "$(dirname "$0")/lib/base"\nexport BUILD TESTS RUN=$RESULTS/$2 BIN=$BUILD; mkdir -p "$BIN/tests"; exec "${@:3}"\n' > scripts/guest
printf '#!/bin/sh\nexec "${0%%/*}/tree" use\n' | tee scripts/kernel > scripts/programs
sed -i 's|/dev/kmsg|/dev/null|' guest/tests
printf 'echo 1..1; grep -q fifty "$BUILD/linux/numbers.c" && [ "$LC_ALL" = C.UTF-8 ] && [ -z "$LANGUAGE" ] && echo ok 1\n' > tests/mine.t
printf '[commit]\ngpgSign = true\n' > "$HOME/.gitconfig"
chmod -R go-rwx .; [ "$(id -u)" != 0 ] || chown -R 65534:65534 . "$HOME"
runs "make test, by anybody, in German, with commit.gpgSign, CDPATH and umask 077" \
	"${as[@]}" env "${german[@]}" CDPATH=".:$dir" bash -c 'umask 077; exec make test T=mine'
ok "runs the test" shows '^mine.tap \.+ ok' '^Result: PASS'
ok "on a tree that all may read" test "$(stat -c %a build/5.99/linux/numbers.c)" = 644
cd "$clone" || exit 1

# --- Others at the same time, and interruptions
printf '#!/bin/bash -p\n. "$(dirname "$0")/lib/base"\nlock\necho held\nsh -c %q\necho went on\n' 'trap "exit 0" INT; echo $$; sleep 60' > scripts/long; chmod +x scripts/long
scripts/tree > /dev/null 2>&1
: > "$dir/long"; set -m; env --default-signal=INT scripts/long > "$dir/long" 2>&1 & long=$!; set +m
for i in {1..100}; do [ "$(wc -l < "$dir/long")" = 2 ] && break; sleep 0.1; done
says "clean does not take a verb's files away" "something runs in" timeout 20 scripts/clean
kill -INT -$long; wait $long
runs "Ctrl-C ends a verb, although its child took it for its end" test $? = 130
runs "which did not go on" sh -c '! grep "went on" "$1"' sh "$dir/long"
runs "the next one can begin" timeout 20 scripts/tree
runs "so can clean" timeout 20 scripts/clean
says "make -j8 and -k: each verb says what it has to" "no test to run" make -j8 -k tree test

# --- Packages
mkdir -p "$dir/apt"/{lists/partial,repo} && : > "$dir/apt/repo/Packages" && : > "$dir/apt/status"
printf 'Dir::State::Lists "%s";\nDir::Etc::SourceList "%s";\nDir::Etc::SourceParts "/dev/null";\nDir::State::status "%s";\nDir::Cache "%s";\n' \
	"$dir/apt/lists" "$dir/apt/list" "$dir/apt/status" "$dir/apt" > "$dir/apt/conf"
echo "deb [trusted=yes] file:$dir/apt/repo ./" > "$dir/apt/list"
printf '#!/bin/bash -p\n. "$(dirname "$0")/lib/base"\n. "$LIB/apt"\nmirrors\n' > scripts/sites; chmod +x scripts/sites
runs "no package lists yet, as in a container: they are fetched" sh -c 'APT_CONFIG=$1/apt/conf scripts/sites | grep "file:$1/apt/repo"' sh "$dir"
sed -i '/^build *git /s/git/no-such-program/2; /^build *git /s/ git / no-such-program /' scripts/deps
says "NO_INSTALL=1 names what is missing" "missing, by Debian's names:" env NO_INSTALL=1 scripts/tree
# Scripts stand in for apt-get and sudo. The latter sets the machine's language, as on a German Debian
mkdir "$dir/bin"
cat > "$dir/bin/apt-get" <<'APT'
#!/bin/sh
dir=${0%/bin/*}
echo "apt-get $*" >> "$dir/called"
case $(cat "$dir/apt/mode"),$LC_ALL,$* in
locked,C,*) echo "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1 (apt)" >&2; exit 100 ;;
locked,*) echo "E: Sperre /var/lib/dpkg/lock-frontend konnte nicht bekommen werden." >&2; exit 100 ;;
works,*install*) ln -s /bin/true "$dir/bin/no-such-program" ;;
esac
APT
printf '#!/bin/sh\necho "sudo $*" >> "${0%%/bin/*}/called"\nLANGUAGE=de exec "$@"\n' > "$dir/bin/sudo"
chmod +x "$dir"/bin/*
[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$dir"
# install MODE COMMAND...: install what is missing, with apt in that mode
install() { rm -f "$dir"/{called,bin/no-such-program}; echo "$1" > "$dir/apt/mode"; "${@:2}" env PATH="$dir/bin:$PATH" http_proxy=http://proxy:1 scripts/deps build; }
called() { grep -qE -- "$1" "$dir/called"; }
runs "what is missing is installed by sudo" install works "${as[@]}"
ok "with the proxy, which sudo would clear" called '^sudo env .* http_proxy=http://proxy:1 apt-get .* install -y .*no-such-program'
says "dpkg is locked, in German" "another apt is at work here" install locked "${as[@]}"
says "an installation that brings nothing" "still missing after the installation" install nothing "${as[@]}"
if [ "$(id -u)" = 0 ]; then
	runs "root installs without sudo" install works env
	ok "and did" sh -c '! grep sudo "$1/called" && grep install "$1/called"' sh "$dir"
fi
plan
