/** The starter for Spring Boot 3.5 and 4: the tagger as a bean, common tags of all meters, and the actuator's health, info and tags. */
@NullMarked
package io.tagger.spring;

import org.jspecify.annotations.NullMarked;
