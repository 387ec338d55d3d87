package dev.countersign.render.platform;

import dev.countersign.render.os.Metadata;
import java.util.List;
import java.util.Optional;

/** Amazon EC2. */
final class Aws implements NodePlatform {
  @Override
  public boolean kubeconfigInUserData() {
    return true;
  }

  @Override
  public boolean deletesNode() {
    return true;
  }

  @Override
  public boolean needsMetadata() {
    return true;
  }

  @Override
  public Optional<String> providerId(Metadata metadata) {
    return Optional.of(
        "aws:///" + metadata.aws("AVAILABILITY_ZONE") + "/" + metadata.aws("INSTANCE_ID"));
  }

  @Override
  public List<String> waitForHostname() {
    return List.of(
        "ExecStartPre=/bin/sh -c 'while [ \"$$(hostname -s)\" = localhost ]; do sleep 1; done'");
  }
}
