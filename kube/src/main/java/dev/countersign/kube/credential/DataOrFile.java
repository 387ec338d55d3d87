package dev.countersign.kube.credential;

import dev.countersign.common.secret.SecretAccess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * PEM text or a token, written into a configuration, standing in a file of its own, or given by an
 * exec plugin.
 */
final class DataOrFile {
  private static final long MAX_BYTES = 1024 * 1024;

  private final String where;
  private final @Nullable String inline;
  private final @Nullable Path file;
  private final @Nullable ExecPlugin plugin;
  private final boolean certificate;

  private DataOrFile(
      String where,
      @Nullable String inline,
      @Nullable Path file,
      @Nullable ExecPlugin plugin,
      boolean certificate) {
    this.where = where;
    this.inline = inline;
    this.file = file;
    this.plugin = plugin;
    this.certificate = certificate;
  }

  static DataOrFile inline(String where, String text) {
    return new DataOrFile(where, Objects.requireNonNull(text), null, null, false);
  }

  static DataOrFile file(String where, Path file) {
    return new DataOrFile(where, null, Objects.requireNonNull(file), null, false);
  }

  /**
   * What a plugin gives: its certificates, or their key. It reads as an empty text where the plugin
   * gives a token only.
   */
  static DataOrFile ofPlugin(String where, ExecPlugin plugin, boolean certificate) {
    return new DataOrFile(where, null, null, Objects.requireNonNull(plugin), certificate);
  }

  /** Names the place in messages: the field and, for a file, its path. */
  String where() {
    return file == null ? where : where + " (" + file + ")";
  }

  boolean isFile() {
    return file != null;
  }

  String read() throws CredentialProblem {
    if (plugin != null) {
      ExecPlugin.Credential given = plugin.credential();
      return certificate
          ? given.certificate()
          : given.key().reveal(SecretAccess.because("the key of the TLS client"));
    }
    if (file == null) {
      return Objects.requireNonNull(inline);
    }
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new CredentialProblem(where() + ": got more than 1 MiB; want a PEM file or a token");
      }
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new CredentialProblem(where() + ": got no such file; create it or correct the path", e);
    } catch (AccessDeniedException e) {
      throw new CredentialProblem(
          where() + ": got no permission to read it; run as its owner or change its mode", e);
    } catch (CredentialProblem e) {
      throw e;
    } catch (IOException e) {
      throw new CredentialProblem(where() + ": got unreadable text; want a PEM file or a token", e);
    }
  }

  /** Changes when the file or what the plugin gives changes; constant for inline text. */
  String stamp() {
    if (plugin != null) {
      return plugin.stamp();
    }
    if (file == null) {
      return "";
    }
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.lastModifiedTime().toMillis()
          + ":"
          + attributes.size()
          + ":"
          + attributes.fileKey();
    } catch (IOException e) {
      return "absent";
    }
  }

  static String stamps(
      Optional<DataOrFile> first, Optional<DataOrFile> second, Optional<DataOrFile> third) {
    return first.map(DataOrFile::stamp).orElse("")
        + "|"
        + second.map(DataOrFile::stamp).orElse("")
        + "|"
        + third.map(DataOrFile::stamp).orElse("");
  }

  @Override
  public String toString() {
    return where();
  }
}
