/** Timing two pieces of work against each other, and what a ratio is. */
package io.github.zerotouchclone.bench.measure;
