package dev.countersign.common.file;

import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The permissions a file gets, whatever the umask. */
public enum FileMode {
  /** 0600: its owner alone may read and write. */
  SECRET("rw-------"),
  /** 0644: everyone may read. */
  PUBLIC("rw-r--r--"),
  /** 0755: everyone may read and execute. */
  EXECUTABLE("rwxr-xr-x");

  private final String permissions;

  FileMode(String permissions) {
    this.permissions = permissions;
  }

  /** As the Java file API has them. */
  public Set<PosixFilePermission> permissions() {
    return PosixFilePermissions.fromString(permissions);
  }

  /** As a number, such as 0600. */
  public int bits() {
    int bits = 0;
    for (int i = 0; i < permissions.length(); i++) {
      bits = (bits << 1) | (permissions.charAt(i) == '-' ? 0 : 1);
    }
    return bits;
  }
}
