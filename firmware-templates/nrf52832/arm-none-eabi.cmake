# Cross compilation for the nRF52832's Cortex-M4F.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR cortex-m4)
# -DECG_C_COMPILER=/path/to/arm-none-eabi-gcc where it is not in PATH.
if(ECG_C_COMPILER)
  set(CMAKE_C_COMPILER "${ECG_C_COMPILER}")
else()
  set(CMAKE_C_COMPILER arm-none-eabi-gcc)
endif()
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ECG_C_COMPILER)
# A test program cannot be linked before the linker script is known.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_FLAGS_INIT "-mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard")
set(CMAKE_C_FLAGS_RELEASE_INIT "-O3 -g")
set(CMAKE_C_FLAGS_DEBUG_INIT "-Og -g3")
