package dev.countersign.approver.command;

import dev.countersign.common.ParseResult;
import dev.countersign.common.command.CliException;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.file.AttestationFile;
import dev.countersign.policy.file.InventoryFile;
import dev.countersign.policy.inventory.InventoryDocument;
import dev.countersign.policy.join.attestation.SignedIdentityDocument;
import java.util.List;

/** Reads the files of strict join. */
public final class JoinFiles {
  private JoinFiles() {}

  /**
   * An inventory, or what is wrong with it.
   *
   * @param where it is from
   */
  public static Fact<InventoryDocument> inventory(String where, String text) {
    return switch (InventoryFile.parse(text)) {
      case ParseResult.Parsed<InventoryDocument>(InventoryDocument document) ->
          Fact.known(document);
      case ParseResult.Refused<InventoryDocument> refused ->
          Fact.unknown(where + ": " + refused.message());
    };
  }

  /** Whether a Node is in an inventory. */
  public static Fact<Boolean> isListed(Fact<InventoryDocument> inventory, String node) {
    return inventory.map(document -> NodeName.parse(node).flatMap(document::entry).isPresent());
  }

  /**
   * Issuers of identity documents.
   *
   * @param where they are from
   */
  public static List<SignedIdentityDocument> issuers(String where, String text)
      throws CliException {
    return switch (AttestationFile.parse(text)) {
      case ParseResult.Parsed<List<SignedIdentityDocument>>(List<SignedIdentityDocument> issuers) ->
          issuers;
      case ParseResult.Refused<List<SignedIdentityDocument>> refused ->
          throw CliException.usage("--attestation " + where + ":\n" + refused.message());
    };
  }
}
