/** What it costs to bring the bytes of one record to a Java program, route by route. */
package io.github.zerotouchclone.bench.delivery;
