package dev.countersign.render.pki;

import dev.countersign.render.AssetPath;
import dev.countersign.render.RandomSource;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Makes several keys, on every processor where that takes long. */
final class KeyMaker {
  private KeyMaker() {}

  static Map<AssetPath, KeyPair> make(KeySpec spec, List<AssetPath> paths, RandomSource entropy) {
    Map<AssetPath, KeyPair> made = new LinkedHashMap<>();
    int processors = Runtime.getRuntime().availableProcessors();
    if (!isSlow(spec) || paths.size() < 2 || processors < 2) {
      for (AssetPath path : paths) {
        made.put(path, make(spec, path, entropy));
      }
      return made;
    }
    Map<AssetPath, Future<KeyPair>> pending = new LinkedHashMap<>();
    try (ExecutorService workers =
        Executors.newFixedThreadPool(Math.min(processors, paths.size()))) {
      for (AssetPath path : paths) {
        pending.put(path, workers.submit(() -> make(spec, path, entropy)));
      }
      for (Map.Entry<AssetPath, Future<KeyPair>> each : pending.entrySet()) {
        made.put(each.getKey(), each.getValue().get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a key could not be made", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while keys were made", e);
    }
    return made;
  }

  private static KeyPair make(KeySpec spec, AssetPath path, RandomSource entropy) {
    return KeyPair.generate(spec, entropy.purpose("key " + path));
  }

  private static boolean isSlow(KeySpec spec) {
    return switch (spec) {
      case RSA_2048, RSA_3072, RSA_4096 -> true;
      case ECDSA_P256, ECDSA_P384, ECDSA_P521, ED25519 -> false;
    };
  }
}
