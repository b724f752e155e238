-- Posts notices over all connections of one thread: wrk -t1 -c20 -s post.lua URL -- FOLDER COUNT
--
-- FOLDER holds one request in pieces (bench/load.py writes them), between which go a reference and a recipient, others
-- each time. All of them keep their length, and the attachment with its digest stays, so nothing is worked out here.
-- Says "answered" when COUNT notices were accepted; an answer that is no 202 ends it.

local first, middle, last, recipients, count
local granted, built, answered = 0, 0, 0
local HOUR = 3600000

local function read(path)
   local file = assert(io.open(path, "rb"))
   local content = file:read("*a")
   file:close()
   return content
end

function init(args)
   local folder = args[1] .. "/"
   count = tonumber(args[2])
   first, middle, last = read(folder .. "first"), read(folder .. "middle"), read(folder .. "last")
   recipients = {}
   for handle in read(folder .. "recipients"):gmatch("%S+") do
      recipients[#recipients + 1] = handle
   end
end

-- wrk asks this before each request: whoever comes after the last one waits for the end.
function delay()
   granted = granted + 1
   return granted <= count and 0 or HOUR
end

-- The very first is only looked at by wrk and never sent.
function request()
   built = built + 1
   return table.concat({ first, string.format("%08d", built), middle, recipients[built % #recipients + 1], last })
end

function response(status, _, body)
   if status ~= 202 then
      io.stderr:write(status, " ", body, "\n")
      os.exit(1)
   end
   answered = answered + 1
   if answered == count then
      io.stdout:write("answered\n")
      io.stdout:flush()
   end
end
