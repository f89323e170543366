# Takes one page on standard input, as JSON, and appends it to a file. A question of `rbl doctor` sends nothing.
read -r page
case $page in
  *'"ask":"test"'*) echo '{"name": "pages.txt"}'; exit ;;
esac
printf '%s\n' "$page" >> pages.txt
echo '{"delivered": true, "by": "pages.txt"}'
