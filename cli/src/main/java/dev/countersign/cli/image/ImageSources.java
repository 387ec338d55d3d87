package dev.countersign.cli.image;

import dev.countersign.cli.terminal.Console;
import dev.countersign.common.command.CliException;
import dev.countersign.image.debian.Keyring;
import dev.countersign.image.fetch.ContentCache;
import dev.countersign.image.fetch.Fetcher;
import dev.countersign.image.fetch.Locations;
import java.io.IOException;
import java.util.Optional;

/** The image commands' sources by default, for commands that build an image on the way. */
public final class ImageSources {
  private final Console console;
  private final SourceOptions options = new SourceOptions();

  /** What this host's apt sources and the user's cache give. */
  public ImageSources(Console console) {
    this.console = console;
  }

  /** Downloads, through the proxies that the environment names. */
  public Fetcher fetcher() {
    return options.fetcher();
  }

  /** The user's cache of verified downloads. */
  public ContentCache cache(Fetcher fetcher) {
    return options.cache(fetcher);
  }

  /** The mirrors that this host's apt uses. */
  public Locations locations() throws CliException, IOException {
    return options.locations();
  }

  /** The keys that this host's apt trusts for Debian. */
  public Optional<Keyring> keyring() throws IOException {
    return options.keyring();
  }

  /** A step with bars. */
  public StepProgress progress(String title) {
    return new StepProgress(console, title);
  }
}
