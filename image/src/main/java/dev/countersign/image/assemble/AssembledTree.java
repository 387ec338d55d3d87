package dev.countersign.image.assemble;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files of an image and where they are from.
 *
 * @param libraries Java libraries by path in the image
 * @param elfFiles how many programs and shared libraries were checked
 */
record AssembledTree(
    RootFilesystem tree,
    List<Unpacker.Unpacked> packages,
    SortedMap<String, JavaLibrary> libraries,
    int elfFiles) {
  AssembledTree(
      RootFilesystem tree,
      List<Unpacker.Unpacked> packages,
      Map<String, JavaLibrary> libraries,
      int elfFiles) {
    this(tree, List.copyOf(packages), new TreeMap<>(libraries), elfFiles);
  }

  /**
   * The licences of each package by its copyright file in the image; without those that lack it.
   */
  SortedMap<String, SpdxLicence> licences() throws IOException {
    var licences = new TreeMap<String, SpdxLicence>();
    for (Unpacker.Unpacked each : packages) {
      String name = each.locked().name().word();
      String path = tree.resolve("usr/share/doc/" + name + "/copyright");
      Optional<RootFilesystem.Node> node = tree.get(path);
      if (node.isPresent() && node.get() instanceof RootFilesystem.Node.Regular file) {
        try (InputStream in = file.inode().content().open()) {
          licences.put(
              name,
              SpdxLicence.ofDebian(
                  "/usr/share/doc/" + name + "/copyright",
                  new String(in.readAllBytes(), StandardCharsets.UTF_8)));
        }
      }
    }
    return licences;
  }
}
