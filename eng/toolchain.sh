# Sourced by ./run and ./test: makes the .NET 10 SDK and Node.js/npm available, or says in one line what is missing.
# Installs only where it may: apt as root on Debian and Ubuntu; the SDK by Microsoft's installer script into ~/.dotnet.

say() { printf '%s\n' "$*" >&2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo "$@"
  else return 1
  fi
}

apt_install() {
  command -v apt-get >/dev/null 2>&1 || return 1
  as_root env DEBIAN_FRONTEND=noninteractive sh -c \
    'apt-get install -qq -y --no-install-recommends "$@" >/dev/null 2>&1 || { apt-get update -qq && apt-get install -qq -y --no-install-recommends "$@" >/dev/null; }' apt "$@"
}

has_sdk() { command -v dotnet >/dev/null 2>&1 && dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; }

# ONNX Runtime comes as an npm package whose lock file needs npm 7 or later.
has_npm() { command -v npm >/dev/null 2>&1 && [ "$(npm --version 2>/dev/null | cut -d. -f1)" -ge 7 ] 2>/dev/null; }

need_toolchain() {
  export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
  if ! has_sdk && [ -x "$HOME/.dotnet/dotnet" ]; then
    export DOTNET_ROOT="$HOME/.dotnet" PATH="$HOME/.dotnet:$PATH"
  fi
  if ! has_sdk; then
    say "Installing the .NET 10 SDK ..."
    apt_install dotnet-sdk-10.0 || install_sdk_by_script || true
    if ! has_sdk; then
      say "missing: the .NET 10 SDK (https://dotnet.microsoft.com/download/dotnet/10.0)"
      return 1
    fi
  fi
  if ! has_npm; then
    say "Installing Node.js and npm ..."
    apt_install nodejs npm || true
    if ! has_npm; then
      say "missing: npm 7 or later (Debian: apt-get install nodejs npm)"
      return 1
    fi
  fi
}

install_sdk_by_script() {
  command -v curl >/dev/null 2>&1 || apt_install curl ca-certificates || return 1
  apt_install libicu72 >/dev/null 2>&1 || true
  script=$(mktemp)
  if curl -fsSL https://dot.net/v1/dotnet-install.sh -o "$script" && bash "$script" --channel 10.0 --install-dir "$HOME/.dotnet" >/dev/null; then
    export DOTNET_ROOT="$HOME/.dotnet" PATH="$HOME/.dotnet:$PATH"
  fi
  rm -f "$script"
}
