# Takes the code out of a Markdown file: a fence "```cpp run first_call" becomes first_call.run.cpp in the folder,
# "```cmake compile consumer" consumer.compile.cmake. A fence says run or compile, and a name, or stands behind a
# line "<!-- not run -->".
/^```/ && !inside {
  inside = 1
  file = ""
  if (($2 == "run" || $2 == "compile") && $3 != "") {
    file = folder "/" $3 "." $2 "." substr($1, 4)
    printf "" > file
  } else if (before != "<!-- not run -->") {
    print FILENAME ":" FNR ": say how this is tested" > "/dev/stderr"
    exit 1
  }
  next
}
/^```/ { inside = 0; if (file != "") close(file); next }
inside && file != "" { print > file }
{ before = $0 }
