#!/usr/bin/env bash
# Installs what building, testing and the demo need. Idempotent; fast and silent when nothing is missing.
#   bash scripts/setup.sh            install
#   bash scripts/setup.sh editor     install, and a VS Code for the tests of the extension
#   source scripts/setup.sh          install, and put the pinned Node into PATH of the calling shell
# Linux with apt: installs by itself (it says what before it does). Elsewhere it prints the lines to type.
# ECG_NO_INSTALL=1: never call apt, only say what is missing.

ecg_node_version=24.21.0
# Carries VS Code 1.139.1: the workbench, extension host and webviews that the extension is tested in.
ecg_code_server_version=4.139.1
ecg_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ecg_tools="${ECG_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/ecg-studio}/tools"

ecg_say() { printf 'setup: %s\n' "$*" >&2; }

# A pinned Node with headers, from npm, outside of the repository.
ecg_setup_node() {
  local platform package folder
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) platform=linux-x64 ;;
    Linux-aarch64) platform=linux-arm64 ;;
    Darwin-arm64) platform=darwin-arm64 ;;
    Darwin-x86_64) platform=darwin-x64 ;;
    *) platform= ;;
  esac
  if [ -z "$platform" ]; then
    ecg_say "no pinned Node for this platform: using $(command -v node) $(node --version)"
    return 0
  fi
  package=node-$platform
  folder="$ecg_tools/node-$ecg_node_version"
  if [ ! -x "$folder/node_modules/$package/bin/node" ]; then
    if ! command -v npm >/dev/null 2>&1; then
      ecg_say "npm was not found. Install any Node 18 or newer first: https://nodejs.org, apt install nodejs npm, brew install node, winget install OpenJS.NodeJS"
      return 1
    fi
    ecg_say "installing Node $ecg_node_version from npm into $folder"
    mkdir -p "$folder.partial" &&
      npm install --prefix "$folder.partial" --no-audit --no-fund --no-save --loglevel=error "$package@$ecg_node_version" >&2 &&
      rm -rf "$folder" && mv "$folder.partial" "$folder" || { ecg_say "Node could not be installed"; return 1; }
  fi
  export PATH="$folder/node_modules/$package/bin:$PATH"
  export npm_config_nodedir="$folder/node_modules/$package"
}

# npm packages exactly as locked, without their install scripts: the only ones that would do anything here build native parts
# that are never used (the debug adapter's terminals; serial ports bring theirs built). The stamp is the lock file's content, so that a new lock installs anew.
ecg_setup_packages() {
  local stamp="$ecg_root/node_modules/.ecg-lock"
  if cmp -s "$ecg_root/package-lock.json" "$stamp"; then return 0; fi
  ecg_say "installing npm packages (npm ci)"
  (cd "$ecg_root" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) || { ecg_say "npm ci failed"; return 1; }
  cp "$ecg_root/package-lock.json" "$stamp"
}

# A real VS Code for the tests of the extension: code-server from npm, built against the pinned Node, and Chromium.
# Only where it is asked for (`npm test`, `npm run bench:editor`): 800 MB that the product itself never needs.
ecg_setup_editor() {
  local folder="$ecg_tools/code-server-$ecg_code_server_version" sudo=
  case "$(uname -s)" in Linux) ;; *) return 0 ;; esac
  if ! command -v chromium >/dev/null 2>&1; then
    if command -v apt-get >/dev/null 2>&1 && [ -z "${ECG_NO_INSTALL:-}" ]; then
      if [ "$(id -u)" != 0 ]; then sudo=sudo; fi
      ecg_say "installing with${sudo:+ sudo} apt-get: chromium and what code-server is built with"
      ecg_apt_install chromium fonts-liberation libkrb5-dev build-essential python3
    else
      ecg_say "chromium was not found: the tests in a real VS Code are skipped (Debian: sudo apt-get install chromium)"
      return 0
    fi
  fi
  [ -d "$folder" ] && return 0
  ecg_say "installing code-server $ecg_code_server_version from npm into $folder (800 MB, some minutes)"
  rm -rf "$folder.partial"
  # `npm test` may run under another Node, whose name it leaves in the environment; code-server's installer believes it.
  mkdir -p "$folder.partial" &&
    env -u npm_config_user_agent JOBS=2 npm install --prefix "$folder.partial" --no-audit --no-fund --no-save --loglevel=error "code-server@$ecg_code_server_version" >"$ecg_tools/code-server.log" 2>&1 </dev/null &&
    mv "$folder.partial" "$folder" && return 0
  ecg_say "code-server could not be installed: the tests in a real VS Code are skipped"
  tail -n 5 "$ecg_tools/code-server.log" >&2
  return 0
}

# Can this clang build wasm with relaxed SIMD, and is there a linker for it?
ecg_clang_works() {
  command -v "$1" >/dev/null 2>&1 && command -v "$2" >/dev/null 2>&1 &&
    printf 'typedef float f4 __attribute__((vector_size(16)));f4 f(f4 a,f4 b,f4 c){return __builtin_wasm_relaxed_madd_f32x4(a,b,c);}' |
    "$1" --target=wasm32 -msimd128 -mrelaxed-simd -O1 -x c -c -o /dev/null - >/dev/null 2>&1
}

ecg_have_clang() {
  local v
  # The list of build-kernels.mjs.
  for v in -19 -20 -21 -22 -18 ''; do ecg_clang_works "clang$v" "wasm-ld$v" && return 0; done
  return 1
}

ecg_have_arm_gcc() {
  command -v arm-none-eabi-gcc >/dev/null 2>&1 &&
    printf '#include <string.h>\nint main(void){return (int)strlen("");}' |
    arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -x c -c -o /dev/null - >/dev/null 2>&1
}

ecg_have_qemu() { qemu-system-arm -M help 2>/dev/null | grep -q '^mps2-an386 '; }

# Prints "NAME:apt packages" of each tool that is missing.
ecg_missing_tools() {
  ecg_have_clang || echo "clang 19 and lld 19 (for wasm):clang-19 lld-19"
  ecg_have_arm_gcc || echo "arm-none-eabi-gcc:gcc-arm-none-eabi libnewlib-arm-none-eabi"
  ecg_have_qemu || echo "qemu-system-arm:qemu-system-arm"
  command -v gdb-multiarch >/dev/null 2>&1 || command -v arm-none-eabi-gdb >/dev/null 2>&1 || echo "gdb-multiarch:gdb-multiarch"
  command -v openocd >/dev/null 2>&1 || echo "openocd:openocd"
  command -v cmake >/dev/null 2>&1 || echo "cmake:cmake"
  # A pair of serial ports for a test.
  command -v socat >/dev/null 2>&1 || echo "socat:socat"
  command -v ninja >/dev/null 2>&1 || echo "ninja:ninja-build"
}

# Install the named packages; on failure the end of the log is shown. Uses $sudo of the caller.
ecg_apt_install() {
  { $sudo apt-get -o DPkg::Lock::Timeout=300 update -qq && $sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@"; } \
    >"$ecg_tools/apt.log" 2>&1 </dev/null && return 0
  ecg_say "apt-get install $* failed:"
  tail -n 3 "$ecg_tools/apt.log" >&2
  return 1
}

# shellcheck disable=SC2086 # lists of package names are split on purpose
ecg_setup_tools() {
  local missing packages sudo=
  missing=$(ecg_missing_tools)
  [ -z "$missing" ] && return 0
  packages=$(printf '%s\n' "$missing" | cut -d: -f2 | tr '\n' ' ')
  ecg_say "missing: $(printf '%s\n' "$missing" | cut -d: -f1 | paste -sd, | sed 's/,/, /g')"
  if command -v apt-get >/dev/null 2>&1 && [ -z "${ECG_NO_INSTALL:-}" ]; then
    if [ "$(id -u)" != 0 ]; then
      if command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then sudo=sudo; else packages=; fi
    fi
    if [ -n "$packages" ]; then
      ecg_say "installing with${sudo:+ sudo} apt-get: $packages"
      if ! ecg_apt_install $packages; then
        # One package that this release does not have must not keep the others away.
        printf '%s\n' "$missing" | cut -d: -f2 | while read -r line; do ecg_apt_install $line; done
      fi
      missing=$(ecg_missing_tools)
      [ -z "$missing" ] && return 0
      ecg_say "still missing: $(printf '%s\n' "$missing" | cut -d: -f1 | paste -sd, | sed 's/,/, /g')"
    fi
  fi
  cat >&2 <<'LINES'
  Debian, Ubuntu:  sudo apt-get install clang-19 lld-19 gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm gdb-multiarch openocd cmake ninja-build
  macOS:           brew install llvm lld qemu open-ocd cmake ninja && brew install --cask gcc-arm-embedded
  Windows:         winget install LLVM.LLVM Arm.GnuArmEmbeddedToolchain SoftwareFreedomConservancy.QEMU Kitware.CMake Ninja-build.Ninja
                   and OpenOCD from https://github.com/openocd-org/openocd/releases
  Training and evaluation work without the firmware tools; the firmware steps are skipped.
LINES
  return 0
}

ecg_setup() {
  mkdir -p "$ecg_tools" && ecg_setup_node && ecg_setup_packages && ecg_setup_tools
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -u
  ecg_setup && if [ "${1:-}" = editor ]; then ecg_setup_editor; fi
else
  ecg_setup || return 1
fi
