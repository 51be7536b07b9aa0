# Sourced by the scripts beside it: takes programs out of Debian packages without installing them, so that no service
# is started, no package database is touched and no root is needed.
# shellcheck shell=bash

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

require() {
  local missing=()
  for tool in "$@"; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  [ ${#missing[@]} -eq 0 ] || fail "missing: ${missing[*]}"
}

# A private apt below $1 with the entries that apt already uses, each as deb and as deb-src. Sets the array `apt`.
private_apt() {
  local root=$1
  mkdir -p "$root/sources" "$root/lists/partial" "$root/archives/partial" "$root/debs"
  local file
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] && sed -E 's/^Types:[[:space:]]*deb[[:space:]]*$/Types: deb deb-src/' "$file" >"$root/sources/${file##*/}"
  done
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$file" ] && sed -nE 's/^deb([[:space:]].*)$/deb\1\ndeb-src\1/p' "$file" >"$root/sources/${file##*/}"
  done
  apt=(apt-get -q
    -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$root/sources"
    -o "Dir::State::lists=$root/lists" -o "Dir::Cache::archives=$root/archives"
    -o "Dir::Cache::pkgcache=" -o "Dir::Cache::srcpkgcache=" -o "APT::Sandbox::User=$(id -un)")
  "${apt[@]}" update || fail "apt-get update failed (the log is above)"
}

# Unpacks the packages $2… into the folder $1.
unpack() {
  local into=$1
  shift
  local debs
  debs=$(mktemp -d "$into.XXXXXX")
  (cd "$debs" && "${apt[@]}" download "$@") || fail "cannot download: $*"
  local deb
  for deb in "$debs"/*.deb; do
    dpkg-deb -x "$deb" "$into" || fail "cannot unpack ${deb##*/}"
  done
  rm -rf "$debs"
}

# Moves the finished folder $1 to $2 in one step, so that a reader never sees half of it.
publish() {
  rm -rf "$2.old"
  [ ! -e "$2" ] || mv "$2" "$2.old"
  mv "$1" "$2"
  rm -rf "$2.old"
}
