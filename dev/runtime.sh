# shellcheck shell=bash
# Sourced by ./countersign, dev/release and images/approver-inputs: the Java runtime that is shipped, cut from a JDK (images/jdk.lock.json; docs/adr/0033),
# what differs by architecture, and the class data archive that commands start from (docs/adr/0004).

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

# Unpacks the libraries that a runtime for the architecture $2 needs into the directory $3, as the approver's image has them. $1 is the checkout; further
# arguments are options of "image fetch".
fetch_libraries() {
  local root=$1 arch=$2 to=$3 deb
  shift 3
  "$root/countersign" image fetch --lock "$root/images/approver.lock.json" --package libc6 --package libgcc-s1 --package libstdc++6 --package zlib1g \
    --to "$to.debs" "$@" >&2
  for deb in "$to.debs"/*"_$arch.deb"; do dpkg-deb -x "$deb" "$to"; done
  for deb in "$to"/usr/lib*; do ln -s "usr/$(basename "$deb")" "$to/$(basename "$deb")"; done
}

# The emulator that runs programs of the architecture $1, from Debian's package qemu-user-static.
qemu() {
  case $1 in amd64) echo qemu-x86_64-static ;; arm64) echo qemu-aarch64-static ;; esac
}

# Copies the jar of the crypto provider for the architecture $2, of the release that the program in the checkout $1 was built with, into the directory $3.
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

# The class path of the jars in the directory $1, in the same order everywhere: a class data archive is good for one order alone.
class_path() {
  local LC_ALL=C jars
  jars=$(printf '%s:' "$1"/*.jar)
  echo "${jars%:}"
}

# Prints the list of classes for class_data_archive: what "csr explain" loads, by the JVM $1, of the jars in the directory $2. Lambdas are left out, whose
# proxies are other ones each time.
class_list() {
  local java=$1 app=$2 loaded
  loaded=$(mktemp)
  # Exit status 3: the request would be deferred.
  env -i LC_ALL=C "$java" -XX:+UseSerialGC -XX:DumpLoadedClassList="$loaded" -cp "$(class_path "$app")" dev.countersign.cli.Countersign \
    csr explain --file "$(dirname "${BASH_SOURCE[0]}")/../examples/requests/worker-1.yaml" >/dev/null || [ $? -eq 3 ]
  grep -v -e '^#' -e '^@cp' -e '^@lambda-proxy' "$loaded" | sed 's/ id: [0-9]*//' | LC_ALL=C sort -u
  rm "$loaded"
}

# Writes the class data archive countersign.jsa into the directory of jars $2, by the JVM $1, of the classes in the list $3. The words after these run the
# JVM, such as qemu. Jars and JVM of the same bytes and times give the same archive, wherever they are.
class_data_archive() {
  local java=$1 app=$2 list=$3
  shift 3
  (
    cd "$app/.."
    app=$(basename "$app")
    # What the environment brings, such as a locale, gets into an archive.
    env -i PATH="$PATH" LC_ALL=C "$@" "$java" -XX:+UseSerialGC -Xmx128m -Xshare:dump -Xlog:disable -Xlog:all=error:stderr -XX:SharedClassListFile="$list" \
      -XX:SharedArchiveFile="$app/countersign.jsa" -cp "$(class_path "$app")"
  )
}
