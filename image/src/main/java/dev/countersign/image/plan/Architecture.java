package dev.countersign.image.plan;

import java.util.Arrays;
import java.util.Optional;

/** A machine type images are built for, with its name in each of the worlds that meet here. */
public enum Architecture {
  AMD64("amd64", "x86_64-linux-gnu", Optional.empty(), 62, 0x0303),
  ARM64("arm64", "aarch64-linux-gnu", Optional.of("v8"), 183, 0x0a03);

  private final String word;
  private final String multiarch;
  private final Optional<String> ociVariant;
  private final int elfMachine;
  private final int loaderCacheFlags;

  Architecture(
      String word,
      String multiarch,
      Optional<String> ociVariant,
      int elfMachine,
      int loaderCacheFlags) {
    this.word = word;
    this.multiarch = multiarch;
    this.ociVariant = ociVariant;
    this.elfMachine = elfMachine;
    this.loaderCacheFlags = loaderCacheFlags;
  }

  /** The name, or nothing where it is not one we build for. */
  public static Optional<Architecture> parse(String word) {
    return Arrays.stream(values()).filter(each -> each.word.equals(word)).findFirst();
  }

  /** The name in Debian, in Go and in OCI, which agree for these. */
  public String word() {
    return word;
  }

  /** Debian's multiarch triplet: the name of its library directory. */
  public String multiarch() {
    return multiarch;
  }

  /** {@code variant} of an OCI platform. */
  public Optional<String> ociVariant() {
    return ociVariant;
  }

  /** {@code e_machine} of its ELF files. */
  public int elfMachine() {
    return elfMachine;
  }

  /**
   * Flags of a library of this machine in {@code ld.so.cache} (glibc, sysdeps/generic/ldconfig.h).
   */
  public int loaderCacheFlags() {
    return loaderCacheFlags;
  }

  @Override
  public String toString() {
    return word;
  }
}
