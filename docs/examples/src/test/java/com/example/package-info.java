// SPDX-License-Identifier: Apache-2.0
/** The examples, tested as one tests an application. */
@NullMarked
package com.example;

import org.jspecify.annotations.NullMarked;
