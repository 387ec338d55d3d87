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
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Rewrites the classes of a jar that are in a class-file format older than Java 8's to that one,
 * with the stack maps it wants. The JVM's ahead-of-time cache leaves classes of formats below 50
 * out, and picocli's are 49 (docs/adr/0003). Nothing else of the classes changes. A jar that has no
 * old class is left alone.
 *
 * <p>Called by the launcher after a build: {@code java dev/ModerniseClasses.java JAR...}
 */
class ModerniseClasses {
  private static final int OLDEST_KEPT = ClassFile.JAVA_6_VERSION;
  private static final int TARGET = ClassFile.JAVA_8_VERSION;

  public static void main(String[] jars) throws IOException {
    for (String jar : jars) {
      modernise(Path.of(jar));
    }
  }

  private static void modernise(Path path) throws IOException {
    Path temporary = path.resolveSibling(path.getFileName() + ".new");
    int rewritten = 0;
    try (JarFile jar = new JarFile(path.toFile());
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
        if (entry.getName().endsWith(".class")) {
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
    if (rewritten == 0) {
      Files.delete(temporary);
    } else {
      Files.move(temporary, path, StandardCopyOption.REPLACE_EXISTING);
      System.out.println(path.getFileName() + ": " + rewritten + " classes rewritten");
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
