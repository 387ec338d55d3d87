package dev.countersign.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Debian's docker-registry on loopback. */
public final class LocalRegistry implements AutoCloseable {
  private final Process process;
  private final int port;

  /** One without TLS and passwords. */
  public LocalRegistry(Path directory, String name) throws Exception {
    this(directory, name, freePort(), "");
  }

  /**
   * Starts it and waits until it listens.
   *
   * @param more lines of its configuration, {@code http} being open
   */
  public LocalRegistry(Path directory, String name, int port, String more) throws Exception {
    this.port = port;
    Path config = directory.resolve(name + ".yml");
    Files.writeString(
        config,
        """
        version: 0.1
        log: {level: error}
        storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
        http:
          addr: 127.0.0.1:%d
        %s
        """
            .formatted(directory.resolve(name), port, more));
    process =
        new ProcessBuilder("docker-registry", "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(name + ".log").toFile())
            .start();
    for (int attempt = 0; attempt < 600; attempt++) {
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        assertThat(socket.isConnected()).isTrue();
        return;
      } catch (IOException notYet) {
        assertThat(process.isAlive())
            .as(Files.readString(directory.resolve(name + ".log")))
            .isTrue();
        Thread.sleep(100);
      }
    }
    throw new AssertionError("no registry on port " + port);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Host and port, as they stand in an image's name. */
  public String host() {
    return "localhost:" + port;
  }

  @Override
  public void close() {
    process.destroy();
    process
        .onExit()
        .orTimeout(10, TimeUnit.SECONDS)
        .exceptionally(_ -> process.destroyForcibly())
        .join();
  }
}
