# shellcheck shell=bash
# Sourced by dev/release and images/approver-inputs: the Java runtime that is shipped, cut from a JDK (images/jdk.lock.json; docs/adr/0033), and what
# differs by architecture.

# Unpacks the locked JDK of both architectures into $2/ARCH. $1 is the checkout; further arguments are options of "image fetch".
fetch_jdks() {
  local root=$1 to=$2 deb arch
  shift 2
  "$root/countersign" image fetch --lock "$root/images/jdk.lock.json" --package openjdk-25-jdk-headless --to "$to" "$@" >&2
  for deb in "$to"/*.deb; do
    arch=${deb##*_}
    dpkg-deb -x "$deb" "$to/${arch%.deb}"
  done
}

# Copies the jar of the crypto provider for the architecture $2, of the release that the program in the checkout $1 was built with, into the folder $3.
fetch_provider() {
  local root=$1 arch=$2 out=$3 provider classifier
  provider=$(basename "$root"/cli/target/app/AmazonCorrettoCryptoProvider-*.jar)
  provider=${provider#AmazonCorrettoCryptoProvider-}
  case $arch in amd64) classifier=linux-x86_64 ;; arm64) classifier=linux-aarch_64 ;; esac
  mvn -B -q -ntp -N -f "$root/pom.xml" dependency:copy -DoutputDirectory="$out" \
    -Dartifact="software.amazon.cryptools:AmazonCorrettoCryptoProvider:${provider%%-linux-*}:jar:$classifier" >&2
}

# Cuts the runtime: jlink of the JDK $1 writes the directory $3 from the modules of the JDK $2, of any architecture. One without jmods can only link from
# its own run-time image (JEP 493), so it has to be $1. Further arguments are options of jlink.
cut_runtime() {
  local jdk=$1 from=$2 out=$3 modules=()
  shift 3
  if [ -d "$from/jmods" ]; then
    modules=(--module-path "$from/jmods")
  elif [ "$(readlink -f "$from")" != "$(readlink -f "$jdk")" ]; then
    echo "$from: got a JDK without jmods; want one that has them, such as Debian's" >&2
    return 1
  fi
  rm -rf "$out"
  "$jdk/bin/jlink" "${modules[@]}" --add-modules \
    java.base,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml,jdk.crypto.ec,jdk.httpserver,jdk.jfr,jdk.management,jdk.net,jdk.unsupported \
    --strip-java-debug-attributes --no-header-files --no-man-pages --output "$out" "$@"
}
