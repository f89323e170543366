# Takes one question on standard input, as JSON, and appends its text to a file.
read -r question
printf '%s\n' "$question" | python3 -c 'import json, sys; print(json.load(sys.stdin)["text"])' >> chat.txt
echo '{"delivered": true, "by": "chat.txt"}'
