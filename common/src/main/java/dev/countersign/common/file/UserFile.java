package dev.countersign.common.file;

import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a file that the user named. Whatever is wrong with it is a fault of the call's words. */
public final class UserFile {
  private UserFile() {}

  /**
   * The text of a file that an option names.
   *
   * @param option as the user wrote it, for messages
   * @param want what it is to be, such as {@code an image spec}
   */
  public static String read(String option, Path file, String want) throws CliException {
    return readNamed(option + ": got " + file + ", ", file, want);
  }

  /** The text of a file that is named elsewhere, such as in another file. */
  public static String read(Path file, String want) throws CliException {
    return readNamed(file + ": got a path ", file, want);
  }

  /** The same, or of standard input where the file is called {@code -}. */
  public static String readOrStandardInput(Path file, String want) throws CliException {
    if (!file.toString().equals("-")) {
      return read(file, want);
    }
    try {
      return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new CliException(ExitStatus.INTERNAL, "standard input: " + e.getMessage(), e);
    }
  }

  private static String readNamed(String start, Path file, String want) throws CliException {
    try {
      if (Files.isDirectory(file)) {
        throw CliException.usage(start + "which is a directory; want " + want);
      }
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw failure(start, "where there is nothing", want, e);
    } catch (AccessDeniedException e) {
      throw failure(start, "which this user may not read", want, e);
    } catch (CharacterCodingException e) {
      throw failure(start, "which is not UTF-8 text", want, e);
    } catch (IOException e) {
      throw failure(start, "which cannot be read (" + e.getMessage() + ")", want, e);
    }
  }

  private static CliException failure(String start, String got, String want, IOException cause) {
    return new CliException(ExitStatus.USAGE, start + got + "; want " + want, cause);
  }
}
