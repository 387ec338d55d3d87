package dev.countersign.cli.terminal;

import dev.countersign.common.text.SafeText;
import dev.countersign.common.time.Durations;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The value of an option that is a duration: {@link Durations}. */
public final class DurationConverter implements ITypeConverter<Duration> {

  /** Made by picocli. */
  public DurationConverter() {}

  @Override
  public Duration convert(String text) {
    return Durations.parse(text)
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "got " + SafeText.quote(text) + "; want a duration such as 24h, 3d or 1h30m"));
  }
}
