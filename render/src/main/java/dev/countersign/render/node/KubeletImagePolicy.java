package dev.countersign.render.node;

import dev.countersign.render.spec.ImageKey;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Files that have Podman run the kubelet's image only where it is signed with a key
 * (containers-policy.json(5), containers-registries.d(5)). Other images are not checked, as by
 * default.
 */
final class KubeletImagePolicy {
  private static final String ANYTHING = "{\"type\": \"insecureAcceptAnything\"}";

  private KubeletImagePolicy() {}

  /**
   * Makes the files.
   *
   * @param images whose repositories are checked
   */
  static List<NodeFile> files(ImageKey key, Collection<String> images) {
    var repositories = new TreeSet<String>();
    images.forEach(image -> repositories.add(repository(image)));
    String data = Base64.getEncoder().encodeToString(key.pem().getBytes(StandardCharsets.US_ASCII));
    String requirements =
        repositories.stream()
            .map(
                repository ->
                    """
                    "%s": [
                      {
                        "type": "sigstoreSigned",
                        "keyData": "%s",
                        "signedIdentity": {"type": "matchRepository"}
                      }
                    ]\
                    """
                        .formatted(repository, data))
            .collect(Collectors.joining(",\n"))
            .indent(6)
            .stripTrailing();
    String policy =
        """
        {
          "default": [%1$s],
          "transports": {
            "docker": {
        %2$s
            },
            "docker-daemon": {"": [%1$s]}
          }
        }
        """
            .formatted(ANYTHING, requirements);
    String signatures =
        repositories.stream()
            .map(each -> "  " + each + ": {use-sigstore-attachments: true}\n")
            .collect(Collectors.joining("", "docker:\n", ""));
    return List.of(
        NodeFile.of("/etc/containers/policy.json", 0644, policy).overwriting(),
        NodeFile.of("/etc/containers/registries.d/kubelet-image.yaml", 0644, signatures));
  }

  private static String repository(String image) {
    String name = image.contains("@") ? image.substring(0, image.indexOf('@')) : image;
    int tag = name.indexOf(':', name.lastIndexOf('/'));
    return tag < 0 ? name : name.substring(0, tag);
  }
}
