/**
 * Reports that people look at.
 *
 * <p><b>Attack.</b> Nodes, requests, tokens and messages whose every text is markup or script,
 * shown in a real browser: none of it runs, and the page asks nobody for anything.
 *
 * <p><b>Who attacks.</b> Whoever may write a Node's status, create a request, or decide on one.
 */
@NullMarked
package dev.countersign.scenarios.report;

import org.jspecify.annotations.NullMarked;
