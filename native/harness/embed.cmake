# Writes INPUT's bytes as a C array: cmake -DINPUT=... -DOUTPUT=... -DNAME=... -P embed.cmake
file(READ "${INPUT}" bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n  " bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE "${OUTPUT}" "/* Made from a file of the source tree by embed.cmake. */\n"
  "const unsigned char ${NAME}[] = {\n  ${bytes}0x00};\n")
