/** ClusterSpec + entropy + clock -> AssetTree; pure. */
@NullMarked
package dev.countersign.render;

import org.jspecify.annotations.NullMarked;
