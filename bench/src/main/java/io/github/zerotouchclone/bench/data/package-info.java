/** Real and generated records that the demo, the tests and the benchmarks work on. */
package io.github.zerotouchclone.bench.data;
