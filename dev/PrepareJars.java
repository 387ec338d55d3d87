import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Makes jars ready for a quick start (docs/adr/0003). The JVM's ahead-of-time cache leaves out
 * classes of formats below 50 (picocli's are 49) and classes of signed jars (Amazon Corretto Crypto
 * Provider), whose digests would also be verified at every start.
 *
 * <p>So the former are rewritten to Java 8's format with the stack maps it wants, the latter lose
 * their signature: Maven has verified what it downloaded, and OpenJDK asks no provider for one. A
 * shared library goes into the folder {@code lib} beside the jar instead of being unpacked at every
 * start. Nothing else changes; a jar that needs none of this is left alone.
 *
 * <p>Called by the launcher after a build: {@code java dev/PrepareJars.java JAR...}
 */
class PrepareJars {
  private static final int OLDEST_KEPT = ClassFile.JAVA_6_VERSION;
  private static final int TARGET = ClassFile.JAVA_8_VERSION;
  private static final Pattern SIGNATURE =
      Pattern.compile("META-INF/[^/]*\\.(SF|RSA|DSA|EC)", Pattern.CASE_INSENSITIVE);
  private static final Pattern LIBRARY =
      Pattern.compile("(?:.*/)?(lib[A-Za-z]*CryptoProvider\\.(?:so|dylib))");

  public static void main(String[] jars) throws IOException {
    for (String jar : jars) {
      prepare(Path.of(jar));
    }
  }

  private static void prepare(Path path) throws IOException {
    Path temporary = path.resolveSibling(path.getFileName() + ".new");
    int rewritten = 0;
    int left = 0;
    try (JarFile jar = new JarFile(path.toFile(), false);
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(temporary))) {
      ClassHierarchyResolver hierarchy =
          ClassHierarchyResolver.ofResourceParsing(type -> open(jar, type.descriptorString()))
              .orElse(ClassHierarchyResolver.defaultResolver())
              .cached();
      ClassFile format =
          ClassFile.of(
              ClassFile.ClassHierarchyResolverOption.of(hierarchy),
              ClassFile.StackMapsOption.GENERATE_STACK_MAPS);
      for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
        JarEntry entry = entries.nextElement();
        byte[] content = jar.getInputStream(entry).readAllBytes();
        var library = LIBRARY.matcher(entry.getName());
        if (library.matches()) {
          Path folder = path.resolveSibling("lib");
          Files.createDirectories(folder);
          Files.write(folder.resolve(library.group(1)), content);
          left++;
          continue;
        }
        if (SIGNATURE.matcher(entry.getName()).matches()) {
          left++;
          continue;
        }
        if (entry.getName().endsWith(".class") && !entry.getName().startsWith("META-INF/")) {
          ClassModel model = format.parse(content);
          if (model.majorVersion() < OLDEST_KEPT) {
            content =
                format.transformClass(
                    model,
                    ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)
                        .andThen(
                            (builder, element) -> {
                              if (element instanceof ClassFileVersion) {
                                builder.withVersion(TARGET, 0);
                              } else {
                                builder.with(element);
                              }
                            }));
            rewritten++;
          }
        }
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setTimeLocal(java.time.LocalDateTime.of(2026, 1, 1, 0, 0));
        out.putNextEntry(copy);
        out.write(content);
        out.closeEntry();
      }
    }
    if (rewritten + left == 0) {
      Files.delete(temporary);
    } else {
      Files.move(temporary, path, StandardCopyOption.REPLACE_EXISTING);
      System.out.printf(
          "%s: %d classes rewritten, %d entries taken out%n", path.getFileName(), rewritten, left);
    }
  }

  private static InputStream open(JarFile jar, String descriptor) {
    JarEntry entry = jar.getJarEntry(descriptor.substring(1, descriptor.length() - 1) + ".class");
    try {
      return entry == null ? null : jar.getInputStream(entry);
    } catch (IOException broken) {
      throw new java.io.UncheckedIOException(broken);
    }
  }
}
