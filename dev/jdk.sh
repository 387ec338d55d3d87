# shellcheck shell=bash
# Sourced by the launcher and the developer scripts. Finds a JDK of the wanted release without starting one: every
# JDK's directory says what it is in its `release` file.

readonly COUNTERSIGN_JDK_RELEASE=25

# Is $1 the home of a JDK (with a compiler) of the wanted release?
jdk_fits() {
  local version
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  [ "$version" = "$COUNTERSIGN_JDK_RELEASE" ]
}

# Prints the home of the first JDK that fits: JAVA_HOME, the java on PATH, then the usual install directories.
# Returns 1, with nothing printed, where there is none.
find_jdk() {
  local candidate on_path
  if [ -n "${JAVA_HOME:-}" ] && jdk_fits "$JAVA_HOME"; then
    printf '%s\n' "$JAVA_HOME"
    return 0
  fi
  if on_path=$(command -v java) && on_path=$(readlink -f "$on_path"); then
    candidate=${on_path%/bin/java}
    if jdk_fits "$candidate"; then
      printf '%s\n' "$candidate"
      return 0
    fi
  fi
  for candidate in /usr/lib/jvm/* /usr/java/* /opt/java* /opt/jdk* /opt/java/* \
    "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.jdks/* "${HOME:-/nonexistent}"/.asdf/installs/java/* \
    "${HOME:-/nonexistent}"/.local/share/mise/installs/java/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if jdk_fits "$candidate"; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  return 1
}
