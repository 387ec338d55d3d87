package dev.countersign.approver.ownership;

import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.kube.watch.ResourceEventHandler;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.policy.ownership.ShardKey;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Hands what the watch of the records' ConfigMaps reports to the store, and logs what is wrong. */
final class ShardHandler implements ResourceEventHandler<ShardObject> {
  private final AddressOwnershipStore store;
  private final RecordObjects objects;
  private final StructuredLog log;
  private final Set<Integer> listed = new HashSet<>();
  private boolean keyListed;

  ShardHandler(AddressOwnershipStore store, RecordObjects objects, StructuredLog log) {
    this.store = store;
    this.objects = objects;
    this.log = log;
  }

  @Override
  public void listStarted() {
    listed.clear();
    keyListed = false;
  }

  @Override
  public void listed(ShardObject object) {
    RecordObjects.numberOf(object.name()).ifPresent(listed::add);
    keyListed |= object.name().equals(ShardKey.OBJECT_NAME);
    changed(object);
  }

  @Override
  public void listEnded() {
    for (int i = 0; i < Shard.COUNT; i++) {
      if (!listed.contains(i)) {
        gone(i);
      }
    }
    if (!keyListed) {
      store.use(Optional.empty());
    }
  }

  @Override
  public void changed(ShardObject object) {
    if (object.name().equals(ShardKey.OBJECT_NAME)) {
      Optional<ShardKey> read = ShardKey.parse(object.key());
      if (read.isEmpty()) {
        unreadable(object.name(), "its key is no key");
      }
      store.use(read);
    } else {
      RecordObjects.numberOf(object.name())
          .flatMap(number -> store.take(number, object))
          .ifPresent(why -> unreadable(object.name(), why));
    }
  }

  @Override
  public void deleted(ShardObject object) {
    if (object.name().equals(ShardKey.OBJECT_NAME)) {
      log.warn("address-record-key-gone", "configmap", objects.shown(object.name()));
      store.use(Optional.empty());
    } else {
      RecordObjects.numberOf(object.name()).ifPresent(this::gone);
    }
  }

  private void gone(int number) {
    if (store.gone(number)) {
      log.warn("address-record-gone", "configmap", objects.shown(Shard.objectName(number)));
    }
  }

  private void unreadable(String name, String why) {
    log.error(
        "address-record-unreadable",
        "configmap",
        objects.shown(name),
        "why",
        why,
        "next",
        "restore it from a backup, or delete it to start over with what the Nodes claim");
  }
}
