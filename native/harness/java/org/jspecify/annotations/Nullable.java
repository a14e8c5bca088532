package org.jspecify.annotations;

import java.lang.annotation.ElementType;
import java.lang.annotation.Target;

/** Stands in for JSpecify's annotation, since this compiles the library without Maven. */
@Target(ElementType.TYPE_USE)
public @interface Nullable {}
